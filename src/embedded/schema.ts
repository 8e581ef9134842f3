import { z } from "zod";
import { UsageError } from "../foundation/errors.ts";

/**
 * Parts of schemas with faults that help: each names the place, the expected value and the actual one.
 */

/** An object with only these keys. */
export function strictObject<T extends z.ZodRawShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `does not take ${(issue.keys as string[]).join(", ")}; it takes ${Object.keys(shape).join(", ")}`
        : expected("an object")(issue),
  });
}

export function whole(minimum: number, maximum: number): z.ZodType<number> {
  const error = expected(`a whole number from ${minimum} to ${maximum}`);
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
}

export function text(): z.ZodType<string> {
  const error = expected("a text that is not empty");
  return z.string({ error }).min(1, { error });
}

export function oneOf<const T extends readonly string[]>(choices: T): z.ZodType<T[number]> {
  return z.enum(choices, {
    error: expected(`one of ${choices.map((each) => JSON.stringify(each)).join(", ")}`),
  });
}

/** The text of a fault: the value that is expected. */
export function expected(what: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => (input === undefined ? `is missing; it has to be ${what}` : `has to be ${what}`);
}

/** For a rule about several keys: it is also checked if other keys are wrong. */
export function whenObject({ value }: { readonly value: unknown }): boolean {
  return typeof value === "object" && value !== null;
}

export function flag(): z.ZodType<boolean> {
  return z.boolean({ error: expected("true or false") });
}

/** The faults of a value, one line each: the place, the expected value and the actual one. */
export function problemsOf(schema: z.ZodType, value: unknown, root: string): string[] {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message, input }) => {
    const isSecret = /token/i.test(String(path.at(-1)));
    return `${placeOf(path) || root} ${message}${isSecret ? "" : excerpt(input)}`;
  });
}

/** A path as JavaScript writes it: `indexes[0].limits.batch`. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("")
    .replace(/^\./, "");
}

/** The value, if it is short enough to show. */
function excerpt(value: unknown): string {
  if (value === undefined || (typeof value === "object" && value !== null)) return "";
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  return shown.length > 60 ? "" : ` (it is ${shown})`;
}

/** @throws {UsageError} with all faults of `value` */
export function requireValid(
  schema: z.ZodType,
  value: unknown,
  subject: string,
  hint: string,
  root = "it",
): void {
  const problems = problemsOf(schema, value, root);
  if (problems.length === 0) return;
  throw new UsageError(`${subject} cannot be used:\n${problems.map((line) => `  ${line}`).join("\n")}`, {
    hint,
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys that are set to `undefined`. */
export function withoutUndefined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
