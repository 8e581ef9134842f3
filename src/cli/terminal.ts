import { styleText } from "node:util";
import { type Redactor, redactor } from "../security/redactor.ts";

type Style = Parameters<typeof styleText>[0];

/** Milliseconds between two progress lines where the output is no terminal. */
const plainProgressInterval = 5_000;

/** Columns of a line if the output is not a terminal. */
const plainWidth = 100;

/** Control characters but line ends and tabs: data could steer the terminal. Where there are colours, their escapes stay. */
const controls = /[^\P{Cc}\n\t]/gu;
const steering = new RegExp(`(?!${String.fromCharCode(27)}\\[\\d{1,3}m)${controls.source}`, "gu");

/**
 * What a command writes to: results to standard output, everything else to standard error. All of it
 * goes through the redactor, and no character of it steers the terminal.
 */
export class Terminal {
  readonly #out: NodeJS.WriteStream;
  readonly #error: NodeJS.WriteStream;
  readonly #useColor: boolean;
  readonly #redactor: Redactor;
  #progressShown = false;
  #lastPlainProgress = 0;

  constructor(options: {
    out: NodeJS.WriteStream;
    error: NodeJS.WriteStream;
    useColor: boolean;
    redactor?: Redactor;
  }) {
    this.#out = options.out;
    this.#error = options.error;
    this.#useColor = options.useColor;
    this.#redactor = options.redactor ?? redactor;
  }

  get isInteractive(): boolean {
    return this.#out.isTTY === true;
  }

  /** Columns of a line: those of the terminal, or 100 if the output is not a terminal. */
  get width(): number {
    return this.#out.isTTY === true && this.#out.columns > 0 ? this.#out.columns : plainWidth;
  }

  style(style: Style, text: string): string {
    return this.#useColor ? styleText(style, text) : text;
  }

  /** Text without a line end. */
  write(text: string): void {
    this.disclose(this.#redactor.text(text));
  }

  /** Text with the secrets that it is there to tell: tokens that a command has made. */
  disclose(text: string): void {
    this.#clearProgress();
    this.#out.write(this.#harmless(text));
  }

  line(text = ""): void {
    this.write(`${text}\n`);
  }

  /** JSON on one line, for a program that reads line by line. */
  jsonLine(value: unknown): void {
    this.disclose(`${JSON.stringify(this.#redacted(value))}\n`);
  }

  json(value: unknown): void {
    this.disclose(`${JSON.stringify(this.#redacted(value), null, 2)}\n`);
  }

  #redacted(value: unknown): unknown {
    return this.#redactor.value(JSON.parse(JSON.stringify(value)));
  }

  /** A line beside the result: a remark, a warning, an error. */
  note(text: string): void {
    this.#clearProgress();
    this.#error.write(`${this.#harmless(this.#redactor.text(text))}\n`);
  }

  /** How far long work has come, `detail` at the end: one line that renews itself on a terminal, a line now and then elsewhere. */
  progress(label: string, done: number, total: number, detail = ""): void {
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    const name = this.#redactor.text(label).replace(controls, "");
    const text = `${name}: ${done.toLocaleString("en")} of ${total.toLocaleString("en")} (${percent} %)${detail === "" ? "" : `, ${detail}`}`;
    if (this.#error.isTTY === true) {
      this.#error.write(`\r\u001b[2K${text}`);
      this.#progressShown = true;
      if (done >= total) this.#clearProgress();
    } else if (done >= total || Date.now() - this.#lastPlainProgress >= plainProgressInterval) {
      this.#lastPlainProgress = Date.now();
      this.#error.write(`${text}\n`);
    }
  }

  #harmless(text: string): string {
    return text.replace(this.#useColor ? steering : controls, "");
  }

  #clearProgress(): void {
    if (!this.#progressShown) return;
    this.#error.write("\r\u001b[2K");
    this.#progressShown = false;
  }
}
