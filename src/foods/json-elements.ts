import { DataError } from "../foundation/errors.ts";

/** One record's JSON text, and the line that it starts on, from 1. */
export interface JsonElement {
  readonly text: string;
  readonly line: number;
  /** Place in the file, from 0. */
  readonly index: number;
}

/** A record longer than this is a sign of a broken file; Upstash takes at most about 1 MB. */
const maximumElementCharacters = 16 * 1024 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** The element or character that the scanner expects next. */
type Expectation = "start" | "first" | "element" | "separator" | "nothing";

/**
 * Cuts a stream of JSON text into its records without holding more than one of them: the elements of a
 * list, or the values of JSON Lines. It finds the end of each element and does not
 * parse it: an element may still be invalid JSON.
 *
 * @throws {DataError} with the line, if the text between the elements is not JSON or the file ends early
 */
export class ElementScanner {
  readonly #file: string;
  #expectation: Expectation = "start";
  #isList = false;
  #line = 1;
  #count = 0;
  #elementLine = 1;
  #pieces: string[] = [];
  #length = 0;
  #depth = 0;
  #isScalar = false;
  #inString = false;
  #isEscaped = false;
  #inElement = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** Takes the next piece of the file. @returns the elements that end in it */
  *push(chunk: string): Generator<JsonElement> {
    let start = 0;
    for (let place = 0; place < chunk.length; place++) {
      const code = chunk.charCodeAt(place);
      if (!this.#inElement) {
        if (this.#between(code, chunk[place] as string)) start = place;
      } else if (this.#ends(code)) {
        // A scalar ends before this character, a container with it.
        const end = this.#isScalar ? place : place + 1;
        yield this.#take(chunk.slice(start, end));
        if (this.#isScalar) this.#between(code, chunk[place] as string);
      }
      if (code === newline) this.#line++;
    }
    if (this.#inElement) this.#hold(chunk.slice(start));
  }

  /** The file has ended. */
  *end(): Generator<JsonElement> {
    if (this.#inElement && !this.#isList && this.#isScalar) yield this.#take("");
    if (this.#inElement) {
      throw this.#error(
        this.#line,
        `the file ends inside the record that starts on line ${this.#elementLine}`,
      );
    }
    if (this.#expectation === "start") throw this.#error(1, "the file is empty");
    if (this.#isList && this.#expectation !== "nothing")
      throw this.#error(this.#line, 'the list is not closed by "]"');
  }

  /** Handles a character between elements. @returns whether an element starts with it */
  #between(code: number, character: string): boolean {
    if (code === 0x20 || code === 0x09 || code === 0x0d || code === newline) return false;
    switch (this.#expectation) {
      case "start":
        if (code === openBracket) {
          this.#isList = true;
          this.#expectation = "first";
          return false;
        }
        return this.#begin(code);
      case "first":
        if (code === closeBracket) return this.#expect("nothing");
        return this.#beginElement(code, character);
      case "element":
        return this.#beginElement(code, character);
      case "separator":
        if (!this.#isList) return this.#begin(code);
        if (code === comma) return this.#expect("element");
        if (code === closeBracket) return this.#expect("nothing");
        throw this.#error(this.#line, `"${character}" in place of "," or "]"`);
      case "nothing":
        throw this.#error(this.#line, `"${character}" after the end of the list`);
    }
  }

  #beginElement(code: number, character: string): true {
    if (code !== comma && code !== closeBracket) return this.#begin(code);
    throw this.#error(this.#line, `a record is missing before "${character}"`);
  }

  #expect(expectation: Expectation): false {
    this.#expectation = expectation;
    return false;
  }

  #begin(code: number): true {
    this.#inElement = true;
    this.#elementLine = this.#line;
    this.#inString = code === quote;
    this.#isEscaped = false;
    const isContainer = code === openBrace || code === openBracket;
    this.#depth = isContainer ? 1 : 0;
    this.#isScalar = !isContainer;
    return true;
  }

  /** Whether the element ends at (a container) or before (a scalar) this character. */
  #ends(code: number): boolean {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (code === backslash) this.#isEscaped = true;
      else if (code === quote) this.#inString = false;
      return false;
    }
    if (code === quote) {
      this.#inString = true;
      return false;
    }
    if (this.#isScalar) return code === comma || code === closeBracket || code === newline;
    if (code === openBrace || code === openBracket) this.#depth++;
    else if (code === closeBrace || code === closeBracket) this.#depth--;
    return this.#depth === 0;
  }

  #hold(piece: string): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length > maximumElementCharacters) {
      throw this.#error(
        this.#elementLine,
        `the record that starts here is longer than ${maximumElementCharacters} characters`,
      );
    }
  }

  #take(piece: string): JsonElement {
    this.#hold(piece);
    const element = { text: this.#pieces.join(""), line: this.#elementLine, index: this.#count++ };
    this.#pieces = [];
    this.#length = 0;
    this.#inElement = false;
    this.#expectation = "separator";
    return element;
  }

  #error(line: number, problem: string): DataError {
    if (this.#inElement) return notJson(this.#file, line, problem, this.#count);
    const after = this.#count === 0 ? "" : `, after record ${this.#count}`;
    return notJson(this.#file, line, problem + after);
  }
}

/** @param index the place of the record with the fault, from 0; a file may be one line long */
export function notJson(file: string, line: number, problem: string, index?: number): DataError {
  const place = index === undefined ? `line ${line}` : `line ${line}, record ${index + 1}`;
  return new DataError(file, `${file} is not valid JSON: ${place}: ${problem}.`, {
    faults: [{ line, ...(index !== undefined && { index }), problem }],
    hint: "A data file is a list of records, [{…}, {…}], or one record a line.",
  });
}
