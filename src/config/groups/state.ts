import { z } from "zod";
import { type PostgresAddress, parsePostgresUrl } from "../../state/postgres/address.ts";
import { optional, text, type Variables } from "../variables.ts";

export interface StateSettings {
  /** Where the service keeps its state if several replicas share it; `undefined`: in a file of the directory. */
  readonly statePostgres: PostgresAddress | undefined;
}

export interface StateVariables {
  readonly STATE_URL?: PostgresAddress | undefined;
}

const postgresUrl: z.ZodType<PostgresAddress> = text.transform((value, context) => {
  const address = parsePostgresUrl(value);
  if (!("problem" in address)) return address;
  context.addIssue({ code: "custom", message: address.problem });
  return z.NEVER;
});

export const stateVariables: Variables<StateVariables> = { STATE_URL: optional(postgresUrl) };

export function stateOf({ STATE_URL }: StateVariables): StateSettings {
  return { statePostgres: STATE_URL };
}
