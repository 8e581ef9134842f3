import { z } from "zod";

/** Variables that belong together, and the settings that they make. */
export interface Group<Settings> {
  /** How each is read, by name. */
  readonly variables: z.ZodRawShape;
  /** @param values of the variables of all groups */
  read(values: object): Settings;
  /** Combinations that cannot be used, a sentence each. */
  faults?(values: object): string[];
}

/** The values of variables; `undefined` for one that is not set. */
export type Values<Variables extends z.ZodRawShape> = z.output<z.ZodObject<Variables>>;

export const text: z.ZodString = z.string().trim();

/** A variable that is set to nothing counts as not set. */
export function optional<S extends z.ZodType>(schema: S): z.ZodType<z.output<S> | undefined> {
  return z.preprocess(
    (value) => (typeof value === "string" && value.trim() === "" ? undefined : value),
    schema.optional(),
  );
}

/** A whole number within these bounds, both included. */
export function whole(minimum: number, maximum: number): z.ZodType<number> {
  const problem = `has to be a whole number from ${minimum} to ${maximum}`;
  return text
    .regex(/^\d+$/, problem)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, problem);
}

/** An HTTP address. @param example for the message */
export function url(example: string): z.ZodType<string> {
  return text
    .refine((value) => URL.canParse(value) && /^https?:/i.test(value), `has to be a URL like ${example}`)
    .refine(
      (value) => !/[@?#]/.test(value),
      `must hold no user name, query or fragment; it looks like ${example}`,
    );
}

/** `Bearer x` is what the console's curl examples show; the token is `x`. */
export const token: z.ZodType<string> = text
  .transform((value) => value.replace(/^Bearer\s+/i, ""))
  .refine((value) => /^[\x21-\x7e]+$/.test(value), "has to be a token of plain characters, without blanks");

/** Names of metadata fields, with commas between. */
export const names: z.ZodType<string[]> = text
  .transform((value) => value.split(",").map((name) => name.trim()))
  .refine(
    (list) => list.every((name) => /^[^\s.[\]]+$/.test(name)),
    "has to be names of metadata fields with commas between, without blanks, dots or brackets",
  );

/** When a job of the service runs: a cron expression in UTC; `undefined`: never. */
export type Expression = string | undefined;

/** The expression of a variable, `off` for never. @param usual without the variable */
export function expressionOf(value: string | undefined, usual: string): Expression {
  return value?.toLowerCase() === "off" ? undefined : (value ?? usual);
}
