import { parseFilter } from "../../../src/embedded/filter/index.ts";
import type { FieldCatalog } from "../records/field-catalog.ts";
import { quoted, respelled } from "./conditions.ts";

/** The first fault of a filter, in the words of its user: the parser has those of the service. */
export interface FilterFault {
  readonly message: string;
  /** In UTF-16 units. */
  readonly offset: number;
  /** What the mark lies under: the word, quoted text or sign at the place of the fault. */
  readonly word: string;
  /** Whether the filter only lacks its end. */
  readonly isUnfinished: boolean;
}

export function faultOf(text: string): FilterFault | undefined {
  if (text.trim() === "") return undefined;
  try {
    parseFilter(text);
    return undefined;
  } catch (error) {
    const { message, offset = 0, expected = [] } = error as ParserError;
    const word = /^(?:["'].*|[\w.]+|[<>=!]+|[&|]+|\S)/.exec(text.slice(offset))?.[0] ?? "\u00a0";
    const isUnfinished = offset >= text.trimEnd().length;
    return { message: wordsOf(message, expected, word, offset, isUnfinished), offset, word, isUnfinished };
  }
}

type ParserError = Error & { readonly offset?: number; readonly expected?: readonly string[] };

function wordsOf(
  message: string,
  expected: readonly string[],
  word: string,
  offset: number,
  isUnfinished: boolean,
): string {
  const wanted = expectation(expected);
  if (wanted !== "") {
    return isUnfinished
      ? `The filter ends too early: ${wanted} is missing.`
      : `Column ${offset + 1}: expected ${wanted}, not ${word}.`;
  }
  if (!message.includes("token recognition error")) return message;
  return /^["']/.test(word)
    ? `Column ${offset + 1}: the text has no closing quote.`
    : `Column ${offset + 1}: filters have no sign ${word}.`;
}

/** What the parser expects, for people: `a value`. */
function expectation(expected: readonly string[]): string {
  if (expected.includes("STRING")) return expected.includes("NUMBER") ? "a value" : "a 'text' in quotes";
  if (expected.includes("IDENTIFIER")) return "a field";
  if (expected.includes("COMPARISON")) return "an operator such as = or IN";
  const names = expected.map((kind) => (kind === "<EOF>" ? "the end" : kind.replaceAll("'", "")));
  return names.join(", ").replace(/, (?=[^,]*$)/, " or ");
}

/** Signs that other languages have, and what they are here. */
const signs: readonly (readonly [foreign: string, own: string])[] = [
  ["==", "="],
  ["&&", "AND"],
  ["||", "OR"],
  ["<>", "!="],
];

/**
 * The filter with its common faults repaired: foreign signs, texts without quotes, and then fields and values that no
 * record spells so. `undefined` if the first fault is of another kind.
 */
export function repaired(text: string, fault: FilterFault, catalog: FieldCatalog): string | undefined {
  let fixed: string | undefined;
  for (let next: FilterFault | undefined = fault; next !== undefined; next = faultOf(fixed)) {
    const better = repairedAt(fixed ?? text, next.offset, catalog);
    if (better === undefined) return fixed;
    fixed = better;
  }
  return fixed && (respelled(fixed, catalog) ?? fixed);
}

function repairedAt(text: string, offset: number, catalog: FieldCatalog): string | undefined {
  for (const [foreign, own] of signs) {
    // The parser may take the first half of the sign for a sign of its own.
    const at = text.indexOf(foreign, Math.max(0, offset - 1));
    if (at !== -1 && at <= offset) return text.slice(0, at) + own + text.slice(at + foreign.length);
  }
  return quoted(text, offset, catalog);
}
