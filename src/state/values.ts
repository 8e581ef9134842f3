import type { StateValue } from "./database.ts";

/**
 * Refuses what a store would change silently: SQLite stores NaN as NULL and half of a surrogate pair as U+FFFD,
 * PostgreSQL has no NUL in text.
 *
 * @throws {RangeError}
 */
export function requireStorable(values: readonly StateValue[]): void {
  const wrong = values.findIndex((value) => !isStorable(value));
  if (wrong < 0) return;
  throw new RangeError(
    `Value ${wrong + 1} of a statement cannot be stored: a text contains NUL or half of a surrogate pair, or a number is not finite.`,
  );
}

function isStorable(value: StateValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "string" || !/[\0\p{Surrogate}]/u.test(value);
}
