/** Milliseconds that a line waits for further ones. */
const waitMs = 50;

/** Characters that are written at once. */
const mostCharacters = 16_384;

/**
 * Collects lines and writes them together: a write to a pipe wakes its reader, and takes longer than everything else
 * about the line of a request. A line waits for at most 50 ms; if the process is killed, it is lost.
 */
export class LineBatch {
  readonly #output: (lines: string) => void;
  readonly #atExit = () => this.flush();
  #lines = "";
  #timer: NodeJS.Timeout | undefined;

  /** @param output writes text at once */
  constructor(output: (lines: string) => void) {
    this.#output = output;
    process.once("exit", this.#atExit);
  }

  /** @param line with its end */
  readonly write = (line: string): void => {
    this.#lines += line;
    if (this.#lines.length >= mostCharacters) this.flush();
    else this.#timer ??= setTimeout(this.#atExit, waitMs);
  };

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    this.#lines = "";
    if (lines !== "") this.#output(lines);
  }

  /** Writes what waits. Later lines are written, too. */
  close(): void {
    this.flush();
    process.off("exit", this.#atExit);
  }
}
