import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Milliseconds between two progress lines where the output is no terminal. */
const plainProgressInterval = 5_000;

/** What a command writes to: results to standard output, everything else to standard error. */
export class Terminal {
  readonly #out: NodeJS.WriteStream;
  readonly #error: NodeJS.WriteStream;
  readonly #useColor: boolean;
  #progressShown = false;
  #lastPlainProgress = 0;

  constructor(streams: { out: NodeJS.WriteStream; error: NodeJS.WriteStream; useColor: boolean }) {
    this.#out = streams.out;
    this.#error = streams.error;
    this.#useColor = streams.useColor;
  }

  get isInteractive(): boolean {
    return this.#out.isTTY === true;
  }

  style(style: Style, text: string): string {
    return this.#useColor ? styleText(style, text) : text;
  }

  /** Text as it is, without a line end. */
  write(text: string): void {
    this.#clearProgress();
    this.#out.write(text);
  }

  line(text = ""): void {
    this.write(`${text}\n`);
  }

  /** JSON on one line, for a program that reads line by line. */
  jsonLine(value: unknown): void {
    this.line(JSON.stringify(value));
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value, null, 2));
  }

  /** A line beside the result: a remark, a warning, an error. */
  note(text: string): void {
    this.#clearProgress();
    this.#error.write(`${text}\n`);
  }

  /** How far long work has come: one line that renews itself on a terminal, a line now and then elsewhere. */
  progress(label: string, done: number, total: number): void {
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    const text = `${label}: ${done.toLocaleString("en")} of ${total.toLocaleString("en")} (${percent} %)`;
    if (this.#error.isTTY === true) {
      this.#error.write(`\r\u001b[2K${text}`);
      this.#progressShown = true;
      if (done >= total) this.#clearProgress();
    } else if (done >= total || Date.now() - this.#lastPlainProgress >= plainProgressInterval) {
      this.#lastPlainProgress = Date.now();
      this.#error.write(`${text}\n`);
    }
  }

  #clearProgress(): void {
    if (!this.#progressShown) return;
    this.#error.write("\r\u001b[2K");
    this.#progressShown = false;
  }
}
