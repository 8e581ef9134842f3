import { setProperty } from "../own-keys.ts";
import { JsonError, type JsonProblem } from "./json-error.ts";
import { isUnsafeInteger } from "./numbers.ts";
import { containerValues, maximumDepth, type ReadJsonOptions } from "./options.ts";
import { JsonText } from "./value.ts";

/** Slices of at least this length keep the whole text alive (V8), so these are copied. */
const sharedSliceLength = 13;

/** The longest list of numbers that the native parser gets in one piece, in characters. */
const longestNativeList = 16 * 2 ** 20;

const codes = {
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

const words: readonly (readonly [string, unknown])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/**
 * Reads JSON text value by value and checks each. Strings and lists of numbers, which make up most of a
 * large text, go through the native parser piece by piece.
 */
export class JsonReader {
  readonly #text: string;
  readonly #options: ReadJsonOptions;
  readonly #path: (string | number)[] = [];
  readonly #number: RegExp = /-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)/y;
  /** All but quotes, backslashes and control characters. */
  readonly #plainCharacters: RegExp = /[ !#-[\]-\uffff]*/y;
  readonly #literalsBelow: string | undefined;
  #position = 0;
  #valuesLeft: number;

  constructor(text: string, options: ReadJsonOptions) {
    this.#text = text;
    this.#options = options;
    this.#literalsBelow = typeof options.literals === "object" ? options.literals.below : undefined;
    this.#valuesLeft = options.maximumValues ?? Number.POSITIVE_INFINITY;
  }

  /** @throws {JsonError} with the place of the first fault */
  read(): unknown {
    const value = this.#value(this.#options.literals === "everywhere");
    this.#skipBlanks();
    if (this.#position < this.#text.length) throw this.#unexpected();
    return value;
  }

  #value(keepsLiterals: boolean): unknown {
    this.#skipBlanks();
    this.#countValues(1);
    const code = this.#text.charCodeAt(this.#position);
    if (code === codes.quote) return this.#string();
    if (code === codes.openBrace) return this.#object(keepsLiterals);
    if (code === codes.openBracket) return this.#list(keepsLiterals);
    if (isNumberStart(code)) return this.#readNumber(keepsLiterals);
    for (const [word, value] of words) {
      if (!this.#text.startsWith(word, this.#position)) continue;
      this.#position += word.length;
      return value;
    }
    throw this.#unexpected();
  }

  #object(keepsLiterals: boolean): unknown {
    const object: Record<string, unknown> = {};
    this.#enter();
    if (this.#takes(codes.closeBrace)) return object;
    do {
      this.#skipBlanks();
      const start = this.#position;
      if (this.#text.charCodeAt(start) !== codes.quote) throw this.#unexpected();
      const key = this.#string();
      this.#path.push(key);
      if (Object.hasOwn(object, key)) {
        throw this.#error("duplicate-key", `the key ${JSON.stringify(excerpt(key))} occurs twice`, start);
      }
      this.#skipBlanks();
      if (!this.#takes(codes.colon)) throw this.#unexpected();
      setProperty(object, key, this.#value(keepsLiterals || key === this.#literalsBelow));
      this.#path.pop();
      this.#skipBlanks();
    } while (this.#takes(codes.comma));
    if (!this.#takes(codes.closeBrace)) throw this.#unexpected();
    return object;
  }

  #list(keepsLiterals: boolean): unknown[] | Float32Array {
    const known = this.#options.lists?.at.get(this.#position);
    if (known) return this.#takeKnown(known, keepsLiterals);
    const numbers = keepsLiterals ? undefined : this.#plainNumbers();
    if (numbers) return numbers;
    const list: unknown[] = [];
    const isOutermost = this.#path.length === 0;
    this.#enter();
    if (this.#takes(codes.closeBracket)) return list;
    do {
      if (isOutermost && list.length === this.#options.maximumItems) {
        throw this.#error("too-many", `the list has more than ${list.length} items`);
      }
      this.#path.push(list.length);
      list.push(this.#value(keepsLiterals));
      this.#path.pop();
      this.#skipBlanks();
    } while (this.#takes(codes.comma));
    if (!this.#takes(codes.closeBracket)) throw this.#unexpected();
    return list;
  }

  /** A list of numbers that the caller has read. */
  #takeKnown(numbers: Float32Array, keepsLiterals: boolean): Float32Array {
    const isBelowKey = this.#path.at(-1) === this.#options.lists?.below && this.#isOfOutermost();
    if (keepsLiterals || !isBelowKey) throw this.#unexpected("a list is left out here");
    this.#countValues(numbers.length);
    this.#position += "[]".length;
    return numbers;
  }

  /** Whether the current key is one of the outermost object, or of an object in the outermost list. */
  #isOfOutermost(): boolean {
    return this.#path.length === 1 || (this.#path.length === 2 && typeof this.#path[0] === "number");
  }

  /** A list of numbers that doubles hold, by the native parser; `undefined` for any other list. */
  #plainNumbers(): number[] | undefined {
    const start = this.#position;
    if (!isNumberStart(this.#text.charCodeAt(start + 1))) return undefined;
    const end = this.#text.indexOf("]", start);
    const length = end - start + 1;
    if (end < 0 || length > longestNativeList || length / 2 > this.#valuesLeft) return undefined;
    if (this.#path.length === 0 && this.#options.maximumItems !== undefined) return undefined;
    const text = this.#text.slice(start, end + 1);
    try {
      const numbers = JSON.parse(text) as number[];
      let hasZero = false;
      for (const number of numbers) {
        // Also false for NaN.
        if (!Number.isFinite(number) || isUnsafeInteger(number)) return undefined;
        hasZero ||= number === 0;
      }
      if (hasZero && mayUnderflow(text)) return undefined;
      this.#countValues(numbers.length);
      this.#position = end + 1;
      return numbers;
    } catch {
      // Lists inside lists, or not JSON: value by value, which finds the place.
      return undefined;
    }
  }

  #string(): string {
    const text = this.#text;
    const start = this.#position;
    let hasEscapes = false;
    let end = start + 1;
    for (;;) {
      this.#plainCharacters.lastIndex = end;
      this.#plainCharacters.test(text);
      end = this.#plainCharacters.lastIndex;
      const code = text.charCodeAt(end);
      if (code === codes.quote) break;
      if (code !== codes.backslash) {
        this.#position = end;
        throw this.#unexpected("a string is not closed, or holds a control character that is not escaped");
      }
      hasEscapes = true;
      end += 2;
    }
    this.#position = end + 1;
    const isCopied = hasEscapes || end - start >= sharedSliceLength;
    const value = isCopied ? this.#unescaped(start) : text.slice(start + 1, end);
    if (this.#options.loneSurrogates === "refuse" && hasLoneSurrogate(value)) {
      throw this.#error("lone-surrogate", "a text holds half of a surrogate pair", start);
    }
    return value;
  }

  #unescaped(start: number): string {
    try {
      return JSON.parse(this.#text.slice(start, this.#position)) as string;
    } catch {
      throw this.#error("syntax", "a string holds an escape that JSON does not have", start);
    }
  }

  #readNumber(keepsLiterals: boolean): number | bigint | JsonText {
    const start = this.#position;
    this.#number.lastIndex = start;
    const match = this.#number.exec(this.#text);
    if (match === null) throw this.#unexpected();
    const [literal, fraction] = match;
    this.#position += literal.length;
    const number = Number(literal);
    if (fraction === "") {
      if (!isUnsafeInteger(number) && Number.isFinite(number)) return number;
      if (this.#options.largeIntegers !== "refuse") return BigInt(literal);
      throw this.#error(
        "large-integer",
        `${excerpt(literal)} is an integer beyond 2^53, which a JavaScript number would round`,
        start,
      );
    }
    const isZero = /^-?[0.]+(?:[eE]|$)/.test(literal);
    if (!Number.isFinite(number) || (number === 0 && !isZero)) {
      throw this.#error("number-range", `${excerpt(literal)} is outside the range of a double`, start);
    }
    if (!keepsLiterals || String(number) === literal) return number;
    this.#countValues(containerValues - 1);
    return new JsonText(literal);
  }

  #enter(): void {
    if (this.#path.length >= maximumDepth) {
      throw this.#error("too-deep", `lists and objects nest deeper than ${maximumDepth}`);
    }
    this.#countValues(containerValues - 1);
    this.#position++;
    this.#skipBlanks();
  }

  #countValues(count: number): void {
    this.#valuesLeft -= count;
    if (this.#valuesLeft >= 0) return;
    throw this.#error("too-many", `the text holds more than ${this.#options.maximumValues} values`);
  }

  #takes(code: number): boolean {
    if (this.#text.charCodeAt(this.#position) !== code) return false;
    this.#position++;
    return true;
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#position++;
    }
  }

  #unexpected(problem?: string): JsonError {
    const character = this.#text.codePointAt(this.#position);
    if (character === undefined) return this.#error("syntax", "the JSON text ends too early");
    return this.#error("syntax", problem ?? `unexpected ${JSON.stringify(String.fromCodePoint(character))}`);
  }

  #error(kind: JsonProblem, problem: string, position: number = this.#position): JsonError {
    const lines = this.#text.slice(0, position).split("\n");
    const column = (lines.at(-1) as string).length + 1;
    const line = lines.length - 1 + (this.#options.firstLine ?? 1);
    return new JsonError(kind, problem, this.#path, { line, column });
  }
}

/** Whether some number of the text could be so small that a double holds only zero. */
export function mayUnderflow(text: string): boolean {
  return /[eE]-[0-9]{3}|0{300}/.test(text);
}

/** Half of a surrogate pair: UTF-8 has no form for it. */
export function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

function isNumberStart(code: number): boolean {
  return code === codes.minus || (code >= codes.zero && code <= codes.nine);
}

function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
