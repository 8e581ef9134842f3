import { FilterSyntaxError } from "../../foundation/errors.ts";
import { Lexer, type Token, type TokenKind } from "./lexer.ts";
import { parseFilter } from "./parser.ts";

/** What an editor may offer at the cursor. */
export interface Completion {
  /** Where the word at the cursor begins, in UTF-16 units; a chosen word replaces the text from here to the cursor. */
  readonly start: number;
  /** The kinds of tokens that may stand there; none if the filter has a fault before. */
  readonly kinds: readonly TokenKind[];
  /** The field of the condition, if it has one already. */
  readonly field: string | undefined;
}

/** Kinds of tokens that end at once; a word or a number may still be in the middle of being typed. */
const complete: readonly TokenKind[] = ["'('", "')'", "','", "COMPARISON", "STRING"];

/**
 * Asks the parser what may come at the cursor, so that an editor and the index have one grammar.
 *
 * @param cursor in UTF-16 units
 * @example
 * completionAt("region = ", 9); // { start: 9, kinds: ["STRING", "NUMBER", "BOOLEAN"], field: "region" }
 */
export function completionAt(text: string, cursor: number): Completion {
  const { tokens, start } = readBefore(text.slice(0, cursor));
  const before = text.slice(0, start);
  const field = tokens.findLast(({ kind, offset }) => kind === "IDENTIFIER" && offset < start)?.text;
  return { start, kinds: kindsAfter(before), field };
}

/** The tokens before the cursor, and where the last one begins if it is not complete. */
function readBefore(before: string): { tokens: readonly Token[]; start: number } {
  const lexer = new Lexer(before);
  const tokens: Token[] = [];
  try {
    for (let token = lexer.next(); token.kind !== "<EOF>"; token = lexer.next()) tokens.push(token);
  } catch (error) {
    // A string without its end, or the first half of `!=`.
    if (error instanceof FilterSyntaxError) return { tokens, start: error.offset };
    throw error;
  }
  const last = tokens.at(-1);
  const touches = last !== undefined && last.offset + last.text.length === before.length;
  const isOpen = touches && !complete.includes(last.kind);
  return { tokens, start: isOpen ? last.offset : before.length };
}

function kindsAfter(before: string): readonly TokenKind[] {
  try {
    parseFilter(before);
    return ["AND", "OR"];
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    const isAtEnd = error.offset === before.length;
    return isAtEnd ? (error.expected as readonly TokenKind[]).filter((kind) => kind !== "<EOF>") : [];
  }
}
