import { type FilterExpression, parseFilter } from "../../../../src/embedded/filter/index.ts";
import { stringifyJson } from "../../../../src/foundation/exact-json/index.ts";
import type { IndexRequest } from "../request.ts";

export interface Target {
  /** The address of the index. */
  readonly url: string;
  readonly namespace: string;
}

/** Writes a request as a program of one language. */
export type ProgramWriter = (request: IndexRequest, target: Target) => string;

/** The name of the variable that stands for the token: code is copied into chats and repositories. */
export const tokenVariable = "UPSTASH_VECTOR_REST_TOKEN";

/** A namespace in a path. The official clients put it there as it is given to them. */
export function pathOf({ namespace }: Target): string {
  return encodeURIComponent(namespace);
}

/** JSON, which is JavaScript and jq too. */
export function literal(value: unknown): string {
  return stringifyJson(value);
}

/** The object with one key a line, unless it is short: lists, such as vectors, stay on one line. */
export function literalLines(values: Readonly<Record<string, unknown>>): string {
  const short = literal(values);
  if (short.length <= longestLine) return short;
  const entries = Object.entries(values).map(([key, value]) => `  ${literal(key)}: ${literal(value)}`);
  return `{\n${entries.join(",\n")}\n}`;
}

/** Characters of the values of a call, beyond which each is on a line of its own. */
export const longestLine = 40;

/** The filter of a list: `range` takes none, so the program applies it. */
export interface ListFilter {
  readonly expression: FilterExpression;
  /** What the reader of the program has to know. */
  readonly remark: string;
}

/**
 * @param exactIntegers whether the language keeps integers beyond 2^53
 * @throws {FilterSyntaxError}
 */
export function listFilter({ filter }: IndexRequest, exactIntegers: boolean): ListFilter | undefined {
  if (filter === undefined) return undefined;
  const expression = parseFilter(filter);
  const isRounded = !exactIntegers && hasLargeInteger(expression);
  const remark = `range takes no filter: this reads each record and keeps those with ${filter.replaceAll(/\s+/g, " ")}`;
  return { expression, remark: isRounded ? `${remark} (integers beyond 2^53 are rounded)` : remark };
}

function hasLargeInteger(expression: FilterExpression): boolean {
  if ("operands" in expression) return expression.operands.some(hasLargeInteger);
  const { value, values = [value] } = expression as { value?: unknown; values?: readonly unknown[] };
  return values.some((each) => typeof each === "bigint");
}
