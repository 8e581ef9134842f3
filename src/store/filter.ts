import {
  compileFilter,
  type FilterExpression,
  formatFilter,
  parseFilter as parse,
} from "../embedded/filter/index.ts";
import { UsageError } from "../foundation/errors.ts";

/** A condition on records, independent of the store. */
export type Filter = FilterExpression;

const kinds: ReadonlySet<unknown> = new Set<Filter["kind"]>([
  "comparison",
  "glob",
  "in",
  "contains",
  "has-field",
  "and",
  "or",
]);

/**
 * A filter that is given as text in the filter language or as an expression; `undefined` for a blank text.
 *
 * @example readFilter("height > 60 AND active = true")
 * @throws {FilterSyntaxError} for an invalid text
 * @throws {UsageError} for any other value
 */
export function readFilter(given: Filter | string): Filter | undefined {
  if (typeof given === "string") return given.trim() === "" ? undefined : parseFilter(given);
  return requireExpression(given);
}

/** @throws {UsageError} for a text or any other value: callers without types pass it on unread */
function requireExpression(filter: Filter): Filter {
  const given: unknown = filter;
  if (typeof given === "object" && given !== null && "kind" in given && kinds.has(given.kind)) return filter;
  const type = given === null ? "null" : Array.isArray(given) ? "an array" : `of type ${typeof given}`;
  throw new UsageError(`The filter is ${type}: it has to be an expression.`, {
    hint: 'parseFilter("height > 60") makes one; the methods of the engine also take the text itself.',
  });
}

/** @throws {FilterSyntaxError} */
export const parseFilter: (text: string) => Filter = parse;

/** The filter in Upstash Vector's language. */
export function toUpstashFilter(filter: Filter): string {
  return formatFilter(requireExpression(filter));
}

/** `field = value`. */
export function equals(field: string, value: string | number | boolean): Filter {
  return { kind: "comparison", field, operator: "=", value };
}

/** All of them hold; `undefined` for an empty list. */
export function allOf(filters: readonly (Filter | undefined)[]): Filter | undefined {
  const given = filters.filter((filter) => filter !== undefined);
  return given.length > 1 ? { kind: "and", operands: given } : given[0];
}

/** Whether metadata meets the filter, by the rules of Upstash Vector: the reference for every store. */
export function filterPredicate(filter: Filter): (metadata: unknown) => boolean {
  return compileFilter(requireExpression(filter));
}
