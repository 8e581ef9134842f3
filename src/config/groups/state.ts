import { z } from "zod";
import { type PostgresAddress, parsePostgresUrl } from "../../state/postgres/address.ts";
import { type Group, optional, text, type Values } from "../variables.ts";

export interface StateSettings {
  /** Where the service keeps its state if several replicas share it; `undefined`: in a file of the directory. */
  readonly statePostgres: PostgresAddress | undefined;
}

const postgresUrl = text.transform((value, context) => {
  const address = parsePostgresUrl(value);
  if (!("problem" in address)) return address;
  context.addIssue({ code: "custom", message: address.problem });
  return z.NEVER;
});

const variables = { STATE_URL: optional(postgresUrl) };

export const stateGroup: Group<StateSettings> = {
  variables,
  read: ({ STATE_URL }: Values<typeof variables>) => ({ statePostgres: STATE_URL }),
};
