import { JsonText } from "../../../src/foundation/exact-json/index.ts";

/** The value with JavaScript numbers in place of numbers kept as written: what filters compare. */
export function plainNumbers(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof JsonText) return value.valueOf();
  if (Array.isArray(value)) return value.map(plainNumbers);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainNumbers(item)]));
}
