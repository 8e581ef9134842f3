import type { OperationReport } from "../../store/policies/index.ts";

/** What is wrong with the file of an index. */
export interface FileFault {
  /** Epoch milliseconds. */
  readonly since: number;
  readonly problem: string;
}

export interface IndexFileHealthOptions {
  /** The name under which the embedded index reports its calls. */
  readonly store: string;
  /** Compares the file with its checksums. */
  readonly verify: () => Promise<{ readonly faults: readonly { readonly problem: string }[] }>;
  /** Called when the file is found damaged, and once it is whole again, with `undefined`. */
  readonly onChange: (fault: FileFault | undefined) => void;
  /** Milliseconds before a damaged file is verified again. Default 60,000. */
  readonly againMs?: number;
}

const defaultAgainMs = 60_000;

/**
 * Whether the file of an embedded index is whole. A call that could not read it has the whole file verified at once:
 * the next calls may read other pages, and their success proves nothing. It stays damaged until it passes.
 */
export class IndexFileHealth {
  readonly #options: IndexFileHealthOptions;
  #fault: FileFault | undefined;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: IndexFileHealthOptions) {
    this.#options = options;
  }

  recordOperation({ store, outcome }: Pick<OperationReport, "store" | "outcome">): void {
    if (store === this.#options.store && outcome === "storage" && this.#fault === undefined)
      this.#verifySoon();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #verifySoon(): void {
    if (this.#isClosed || this.#running) return;
    this.#running = this.#verify().finally(() => {
      this.#running = undefined;
    });
  }

  async #verify(): Promise<void> {
    const problem = await this.#options.verify().then(
      ({ faults }) => faults[0]?.problem,
      (error: Error) => error.message,
    );
    const wasDamaged = this.#fault !== undefined;
    this.#fault = problem === undefined ? undefined : { since: this.#fault?.since ?? Date.now(), problem };
    if ((this.#fault !== undefined) !== wasDamaged) this.#options.onChange(this.#fault);
    if (this.#fault === undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => this.#verifySoon(), this.#options.againMs ?? defaultAgainMs);
    this.#timer.unref();
  }
}
