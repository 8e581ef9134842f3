import { completionAt, formatLiteral, isFieldPath } from "../../../src/embedded/filter/index.ts";
import type { Field, FieldCatalog } from "../records/field-catalog.ts";

/** A word that a filter may go on with. */
export interface Suggestion {
  /** What is put in the place of the text from `start` to the cursor. */
  readonly text: string;
  /** What it is: `field`, or how often a value was seen. */
  readonly detail: string;
}

export interface Suggestions {
  /** Where the word at the cursor begins. */
  readonly start: number;
  readonly list: readonly Suggestion[];
}

const longestList = 30;

const operators: readonly string[] = ["=", "!=", "<", "<=", ">", ">="];

/** What the filter may go on with at the cursor: the grammar decides the kind, the records seen so far the words. */
export function suggest(filter: string, cursor: number, catalog: FieldCatalog): Suggestions {
  const { start, kinds, field } = completionAt(filter, cursor);
  const typed = filter.slice(start, cursor);
  const known = field === undefined ? undefined : catalog.field(field);
  const list = kinds
    .flatMap((kind) => wordsOf(kind, catalog, known))
    .filter(({ text }) => isContinuation(text, typed))
    .slice(0, longestList);
  return { start, list };
}

/** Whether the text goes on as it was typed, in upper or lower case and with or without a quote. */
function isContinuation(text: string, typed: string): boolean {
  const plain = (each: string) => each.toLowerCase().replace(/^['"]/, "");
  return text !== typed && plain(text).startsWith(plain(typed));
}

function wordsOf(kind: string, catalog: FieldCatalog, field: Field | undefined): Suggestion[] {
  switch (kind) {
    case "IDENTIFIER":
      return catalog
        .fields()
        .filter(({ path }) => isFieldPath(path))
        .map(({ path, isList }) => ({ text: path, detail: isList ? "list" : "field" }));
    case "STRING":
      return field === undefined ? [] : valuesOf(field);
    case "COMPARISON":
      return (field?.isList ? [] : operators).map((text) => ({ text, detail: "" }));
    // The values of the field are listed once, whatever their types.
    case "NUMBER":
    case "BOOLEAN":
      return [];
    default:
      return [{ text: kind.replaceAll("'", ""), detail: "" }];
  }
}

function valuesOf({ values }: Field): Suggestion[] {
  return [...values]
    .sort(([, left], [, right]) => right - left)
    .map(([value, count]) => ({ text: formatLiteral(value), detail: `${count} seen` }));
}
