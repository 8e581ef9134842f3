import { FilterSyntaxError } from "../../foundation/errors.ts";

const MAXIMUM_QUOTED_LENGTH = 80;

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A piece of the filter as ANTLR's messages show it: on one line, in single quotes. Long pieces are cut. */
export function quoted(piece: string): string {
  const points = Array.from(piece);
  const shown = points.slice(0, MAXIMUM_QUOTED_LENGTH).join("");
  const rest = points.length > MAXIMUM_QUOTED_LENGTH ? "…" : "";
  return `'${shown.replace(/[\n\r\t]/g, (character) => escapes[character] as string)}${rest}'`;
}

/** An error at `offset` (in UTF-16 units) of the filter; it reports a line from 1 and a column of code points from 0. */
export function syntaxErrorAt(
  filter: string,
  offset: number,
  problem: string,
  expected: readonly string[] = [],
): FilterSyntaxError {
  const lines = filter.slice(0, offset).split("\n");
  const column = Array.from(lines.at(-1) ?? "").length;
  return new FilterSyntaxError(filter, lines.length, column, problem, { offset, expected });
}
