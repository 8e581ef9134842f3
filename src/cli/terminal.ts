import { styleText } from "node:util";
import { escapeJson, lineEnds } from "../foundation/invisible-text.ts";
import { type Redactor, redactor } from "../security/redactor.ts";
import { oneLine, printable } from "./foreign-text.ts";
import { formatJson } from "./json-output.ts";
import { columnsOf, wrapLine } from "./wrap.ts";

type Style = Parameters<typeof styleText>[0];

/** Milliseconds between two progress lines if the output is not a terminal. */
const plainProgressInterval = 5_000;

/** Columns of a line if the output is not a terminal. */
const plainWidth = 100;

const escapeCode = String.fromCharCode(27);
const color = new RegExp(`(${escapeCode}\\[\\d{1,3}m)`);
const clearLine = `\r${escapeCode}[2K`;

export interface TerminalOptions {
  readonly out: NodeJS.WriteStream;
  readonly error: NodeJS.WriteStream;
  readonly useColor: boolean;
  /** Whether the terminal takes escape codes, as one with `TERM=dumb` does not. Default: true. */
  readonly takesEscapes?: boolean;
  readonly redactor?: Redactor;
}

/**
 * The output of a command: results go to standard output, everything else to standard error. All of it goes through
 * the redactor. Foreign text can neither control the terminal nor start a line: only `block` keeps line ends.
 */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #redactor: Redactor;
  #names: ReadonlyMap<string, string> = new Map();
  #progressShown = false;
  #lastPlainText = "";
  #lastPlainProgress = Number.NEGATIVE_INFINITY;
  #lastWaiting = Number.NEGATIVE_INFINITY;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#redactor = options.redactor ?? redactor;
  }

  get isInteractive(): boolean {
    return this.#options.out.isTTY === true;
  }

  /** Columns of a line: those of the terminal, or 100 if the output is not a terminal. */
  get width(): number {
    return this.isInteractive ? columnsIn(this.#options.out) : plainWidth;
  }

  style(style: Style, text: string): string {
    return this.#options.useColor ? styleText(style, text) : text;
  }

  /** Replaces these texts in output, such as paths of temporary files with the paths that the user gave. */
  rename(names: ReadonlyMap<string, string>): void {
    this.#names = names;
  }

  /** One line of the result. Line ends in the text become blanks. */
  line(text = ""): void {
    this.block(toOneLine(text));
  }

  /** Several lines of the result: text of ours, or text whose lines were checked. */
  block(text: string): void {
    this.#write(this.#options.out, `${this.#laidOut(text, this.#options.out)}\n`);
  }

  /** A piece of the result without a line end. */
  write(text: string): void {
    this.#write(this.#options.out, this.#harmless(this.#cleaned(text)));
  }

  /** Text whose secrets are meant to be shown: tokens that a command has made. */
  disclose(text: string): void {
    this.#write(this.#options.out, printable(text));
  }

  /** JSON on one line, for a program that reads line by line. */
  jsonLine(value: unknown): void {
    this.#json(value, "");
  }

  json(value: unknown): void {
    this.#json(value, "  ");
  }

  #json(value: unknown, indent: string): void {
    const text = formatJson(value, { indent, transform: (part) => this.#redactor.value(part) });
    this.#write(
      this.#options.out,
      `${escapeJson(this.#renamed(text, (name) => JSON.stringify(name).slice(1, -1)))}\n`,
    );
  }

  /** A line on standard error: a note, a warning or an error. */
  note(text: string): void {
    this.noteBlock(toOneLine(text));
  }

  /** A note on a wait that goes on: of all such notes, one every 5 seconds. */
  waiting(text: string): void {
    if (performance.now() - this.#lastWaiting < plainProgressInterval) return;
    this.#lastWaiting = performance.now();
    this.note(text);
  }

  /** Several lines on standard error; as `block`. */
  noteBlock(text: string): void {
    this.#write(this.#options.error, `${this.#laidOut(text, this.#options.error)}\n`);
  }

  /**
   * Progress of long work, `detail` at the end: one line that renews itself on a terminal, and a line every 5 seconds
   * elsewhere.
   */
  progress(label: string, done: number, total: number, detail = ""): void {
    // Of nothing there is no progress, and no share.
    if (total === 0) return;
    const { error, takesEscapes = true } = this.#options;
    const percent = Math.floor((100 * done) / total);
    const name = oneLine(this.#cleaned(label));
    const text = `${name}: ${done.toLocaleString("en")} of ${total.toLocaleString("en")} (${percent} %)${detail === "" ? "" : `, ${detail}`}`;
    if (error.isTTY === true && takesEscapes) {
      error.write(`${clearLine}${shortened(text, columnsIn(error) - 1)}`);
      this.#progressShown = true;
      if (done >= total) this.#clearProgress();
    } else if (done >= total || performance.now() - this.#lastPlainProgress >= plainProgressInterval) {
      this.#lastPlainProgress = performance.now();
      if (text !== this.#lastPlainText) error.write(`${text}\n`);
      this.#lastPlainText = text;
    }
  }

  /** Without secrets, and with the names that a person knows. */
  #cleaned(text: string): string {
    return this.#renamed(this.#redactor.text(text));
  }

  #renamed(text: string, show: (name: string) => string = oneLine): string {
    let renamed = text;
    for (const [path, name] of this.#names) renamed = renamed.replaceAll(path, () => show(name));
    return renamed;
  }

  #write(stream: NodeJS.WriteStream, text: string): void {
    this.#clearProgress();
    stream.write(text);
  }

  #laidOut(text: string, stream: NodeJS.WriteStream): string {
    const harmless = this.#harmless(this.#cleaned(text));
    if (stream.isTTY !== true) return harmless;
    return harmless
      .split("\n")
      .flatMap((line) => wrapLine(line, columnsIn(stream)))
      .join("\n");
  }

  /** With colours on, their codes stay. */
  #harmless(text: string): string {
    if (!this.#options.useColor) return printable(text);
    return text
      .split(color)
      .map((part, place) => (place % 2 === 1 ? part : printable(part)))
      .join("");
  }

  #clearProgress(): void {
    if (!this.#progressShown) return;
    this.#options.error.write(clearLine);
    this.#progressShown = false;
  }
}

function toOneLine(text: string): string {
  const line = text.replace(lineEnds, " ");
  return line === text ? text : line.trimEnd();
}

/** A terminal that does not report its size has 80 columns. */
function columnsIn({ columns }: NodeJS.WriteStream): number {
  return columns > 0 ? columns : 80;
}

/** The beginning of a text that is too wide, with an ellipsis. */
function shortened(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let end = text.length;
  while (end > 0 && columnsOf(text.slice(0, end)) + 1 > width) end--;
  return `${text.slice(0, end)}…`;
}
