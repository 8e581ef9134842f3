import {
  compileFilter,
  type FilterExpression,
  formatFilter,
  parseFilter as parse,
} from "../embedded/filter/index.ts";

/** A condition on records, independent of the store. */
export type Filter = FilterExpression;

/** @throws {FilterSyntaxError} */
export const parseFilter: (text: string) => Filter = parse;

/** The filter in Upstash Vector's language. */
export const toUpstashFilter: (filter: Filter) => string = formatFilter;

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
export const filterPredicate: (filter: Filter) => (metadata: unknown) => boolean = compileFilter;
