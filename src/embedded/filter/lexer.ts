import type { FilterSyntaxError } from "../../foundation/errors.ts";
import { isUnsafeInteger } from "../../foundation/exact-json/index.ts";
import type { ComparisonOperator } from "./syntax.ts";
import { quoted, syntaxErrorAt } from "./syntax-error.ts";

type Keyword = "AND" | "OR" | "NOT" | "GLOB" | "IN" | "CONTAINS" | "HAS" | "FIELD";
type Punctuation = "'('" | "')'" | "','";

/** The kinds carry the names that error messages show. */
export type Token = { readonly text: string; readonly offset: number } & (
  | { readonly kind: "<EOF>" | Punctuation | Keyword | "IDENTIFIER" }
  | { readonly kind: "COMPARISON"; readonly operator: ComparisonOperator }
  | { readonly kind: "STRING"; readonly value: string }
  | { readonly kind: "NUMBER"; readonly value: number | bigint }
  | { readonly kind: "BOOLEAN"; readonly value: boolean }
);

export type TokenKind = Token["kind"];

const keywords: ReadonlyMap<string, Keyword> = new Map(
  (["AND", "OR", "NOT", "GLOB", "IN", "CONTAINS", "HAS", "FIELD"] as const).map((word) => [word, word]),
);

const booleans: ReadonlyMap<string, boolean> = new Map([
  ["TRUE", true],
  ["FALSE", false],
]);

// A bracket belongs to a field only as a whole index: `field[]` and `IN ['a']` fail at their bracket.
const name = String.raw`[A-Za-z0-9_#\]-]*(?:\[(?:#-)?[0-9]+\])*`;
const identifier = String.raw`[A-Za-z_]${name}(?:\.${name})*`;
const number = String.raw`-?[0-9]+(?:\.[0-9]+)?`;
const comparison = "[<>!]?=|[<>]";

const wholeIdentifier = new RegExp(`^${identifier}$`);

/** Whether the filter language can name this field: not so for reserved words and for other characters. */
export function isFieldPath(text: string): boolean {
  const word = text.toUpperCase();
  return wholeIdentifier.test(text) && !keywords.has(word) && !booleans.has(word);
}

/**
 * Cuts a filter into tokens as they are asked for, so that an early fault of the parser comes before a late one here.
 */
export class Lexer {
  readonly #filter: string;
  readonly #blanks: RegExp = /[ \t\r\n]*/y;
  readonly #plainToken: RegExp = new RegExp(
    `(?<identifier>${identifier})|(?<number>${number})|(?<comparison>${comparison})|(?<punctuation>[(),])`,
    "y",
  );
  #offset = 0;

  constructor(filter: string) {
    this.#filter = filter;
  }

  /** The next token; at the end `<EOF>`, as often as asked. Throws `FilterSyntaxError`. */
  next(): Token {
    this.#blanks.lastIndex = this.#offset;
    this.#blanks.test(this.#filter);
    this.#offset = this.#blanks.lastIndex;

    const token = this.#read(this.#offset);
    if (token.kind !== "<EOF>") this.#offset += token.text.length;
    return token;
  }

  #read(offset: number): Token {
    const first = this.#filter[offset];
    if (first === undefined) return { kind: "<EOF>", text: "<EOF>", offset };
    if (first === "'" || first === '"') return this.#readString(offset, first);

    this.#plainToken.lastIndex = offset;
    const groups = this.#plainToken.exec(this.#filter)?.groups;
    if (groups?.identifier !== undefined) return readWord(groups.identifier, offset);
    if (groups?.number !== undefined) return this.#readNumber(groups.number, offset);
    if (groups?.comparison !== undefined) {
      const operator = groups.comparison as ComparisonOperator;
      return { kind: "COMPARISON", text: operator, offset, operator };
    }
    if (groups?.punctuation !== undefined) {
      return { kind: `'${groups.punctuation}'` as Punctuation, text: groups.punctuation, offset };
    }
    throw this.#unrecognized(offset);
  }

  /** A quote inside the string is doubled or follows a backslash; a backslash before anything else is itself. */
  #readString(offset: number, quote: string): Token {
    const filter = this.#filter;
    let value = "";
    let copied = offset + 1;
    let place = copied;
    while (place < filter.length) {
      const character = filter[place];
      const following = filter[place + 1];
      const isDoubledQuote = character === quote && following === quote;
      const isEscape = character === "\\" && (following === "'" || following === '"' || following === "\\");
      if (isDoubledQuote || isEscape) {
        value += filter.slice(copied, place) + following;
        place += 2;
        copied = place;
      } else if (character === quote) {
        value += filter.slice(copied, place);
        return { kind: "STRING", text: filter.slice(offset, place + 1), offset, value };
      } else {
        place++;
      }
    }
    throw syntaxErrorAt(filter, offset, `token recognition error at: ${quoted(filter.slice(offset))}`);
  }

  /** Beyond 2^53 only integers are accepted and kept exactly: a double could also mean neighbouring integers. */
  #readNumber(text: string, offset: number): Token {
    const number = Number(text);
    const integer = /^(-?[0-9]+)(?:\.0+)?$/.exec(text)?.[1];
    if (!Number.isFinite(number) || (integer === undefined && isUnsafeInteger(number))) {
      throw syntaxErrorAt(this.#filter, offset, `number out of range: ${quoted(text)}`);
    }
    const isRounded = integer !== undefined && isUnsafeInteger(number) && BigInt(number) !== BigInt(integer);
    const value = isRounded ? BigInt(integer) : number;
    return { kind: "NUMBER", text, offset, value: value === 0 ? 0 : value };
  }

  #unrecognized(offset: number): FilterSyntaxError {
    const [first, second = ""] = Array.from(this.#filter.slice(offset, offset + 4));
    // ANTLR shows what it had begun to read (`!` of `!=`, `-` of a number) with the character that ended it.
    const piece = first === "!" || first === "-" ? first + second : (first as string);
    return syntaxErrorAt(this.#filter, offset, `token recognition error at: ${quoted(piece)}`);
  }
}

function readWord(text: string, offset: number): Token {
  const word = text.toUpperCase();
  const keyword = keywords.get(word);
  if (keyword !== undefined) return { kind: keyword, text, offset };
  const value = booleans.get(word);
  if (value !== undefined) return { kind: "BOOLEAN", text, offset, value };
  return { kind: "IDENTIFIER", text, offset };
}
