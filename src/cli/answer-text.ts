import { lineEnds } from "../foundation/invisible-text.ts";
import type { Terminal } from "./terminal.ts";
import { columnsOf } from "./wrap.ts";

/** Longer words are printed in pieces, so that output without a blank does not wait for its end. */
const longestHeldWord = 512;

/** The beginning of a line that looks like one of ours: a source, or a message. */
const likeOurs = /^(?:\[\d|Error\b|(?:pass|warn|FAIL|done|STOP)\b)/;

/**
 * The text of an answer on its way to the terminal. A word is held back until it is whole: a secret that arrives in
 * pieces would pass the redactor. On a terminal, lines break at words. A line of the answer that begins as lines of
 * ours do is indented, so that a record or a model cannot forge them.
 */
export class AnswerText {
  readonly #terminal: Terminal;
  #rest = "";
  #column = 0;
  /** Blanks after the last word: they are printed only if another word follows on the line. */
  #blank = "";
  #isOpen = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Prints the whole words that the text completes. */
  add(text: string): void {
    const all = this.#rest + text.replace(lineEnds, "\n");
    const whole = all.length > longestHeldWord ? all.length : all.search(/\S*$/);
    this.#rest = all.slice(whole);
    if (whole > 0) this.#print(all.slice(0, whole));
    this.#isOpen ||= all !== "";
  }

  /** Prints the held word, and ends the line. */
  end(): void {
    if (!this.#isOpen) return;
    this.#print(this.#rest);
    this.#close();
  }

  /** The generator failed: the word that is left is dropped. */
  abandon(): void {
    if (this.#isOpen) this.#close();
  }

  #close(): void {
    this.#terminal.line();
    this.#rest = "";
    this.#column = 0;
    this.#blank = "";
    this.#isOpen = false;
  }

  #print(text: string): void {
    const pieces = text.split(/(\s+)/);
    this.#terminal.write(pieces.map((piece) => this.#laidOut(piece)).join(""));
  }

  /** A word, or the blanks between two, with line breaks at the width of the terminal. */
  #laidOut(piece: string): string {
    if (piece === "") return "";
    if (/^\s/.test(piece)) {
      const lineEnd = piece.lastIndexOf("\n");
      if (lineEnd >= 0) this.#column = 0;
      this.#blank = lineEnd < 0 ? this.#blank + piece : piece.slice(lineEnd + 1);
      return piece.slice(0, lineEnd + 1);
    }
    const before = this.#column === 0 && likeOurs.test(piece) ? `  ${this.#blank}` : this.#blank;
    const columns = columnsOf(piece);
    this.#blank = "";
    const isOver =
      this.#terminal.isInteractive && this.#column + before.length + columns > this.#terminal.width;
    if (isOver && this.#column > 0) {
      this.#column = columns;
      return `\n${piece}`;
    }
    this.#column += before.length + columns;
    return before + piece;
  }
}
