import { RagfoodError } from "../errors.ts";
import type { JsonPath } from "./value.ts";

/**
 * - `syntax`: the text is not JSON
 * - `duplicate-key`: an object has the same key twice, and one of the values would be lost
 * - `large-integer`: an integer beyond 2^53, if the caller refuses these
 * - `number-range`: a number that is larger or smaller than a double can hold, or NaN
 * - `lone-surrogate`: half of a surrogate pair, if the caller refuses these
 * - `too-deep`, `too-many`: beyond the bounds of the reader
 * - `not-json`: a value that JSON cannot represent
 */
export type JsonProblem =
  | "syntax"
  | "duplicate-key"
  | "large-integer"
  | "number-range"
  | "lone-surrogate"
  | "too-deep"
  | "too-many"
  | "not-json";

/** A place in a text: line and column count from 1, the column in UTF-16 units. */
export interface JsonPlace {
  readonly line: number;
  readonly column: number;
}

/** JSON text that cannot be read, or a value that cannot be written, without changing it. */
export class JsonError extends RagfoodError {
  static override readonly errorName: string = "JsonError";
  readonly code = "json";
  readonly kind: JsonProblem;
  /** What is wrong, without the place: `the key "a" occurs twice`. */
  readonly problem: string;
  /** Leads to the value; in a list of records the first step is the number of the record, from 0. */
  readonly path: JsonPath;
  /** Missing if a value is written. */
  readonly place: JsonPlace | undefined;

  constructor(kind: JsonProblem, problem: string, path: JsonPath, place?: JsonPlace) {
    const where = [
      ...(place ? [`line ${place.line}, column ${place.column}`] : []),
      ...(path.length > 0 ? [formatJsonPath(path)] : []),
    ];
    super(where.length > 0 ? `${where.join(", ")}: ${problem}` : problem);
    this.kind = kind;
    this.problem = problem;
    this.path = [...path];
    this.place = place;
  }
}

/** Steps of a path that are shown; the rest of a very deep one is cut. */
const stepsShown = 8;

/** A path as JavaScript writes it: `[3].metadata["a b"]`. */
export function formatJsonPath(path: JsonPath): string {
  const text = path
    .slice(0, stepsShown)
    .map((step) => {
      if (typeof step === "number") return `[${step}]`;
      return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join("");
  return (text.startsWith(".") ? text.slice(1) : text) + (path.length > stepsShown ? "…" : "");
}
