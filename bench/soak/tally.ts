/** Counts by name. */
export class Counter {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  toString(): string {
    return [...this.#counts].map(([name, count]) => `${name} ${count}`).join(", ") || "none";
  }
}

/** Maximum wrong answers that are reported in full; the others are counted. */
const problemsKept = 20;

/** What the callers of a store have met. */
export class Tally {
  readonly calls: Counter = new Counter();
  /** By `code`. */
  readonly errors: Counter = new Counter();
  /** The first error messages, for diagnosis. */
  readonly errorSamples: string[] = [];
  readonly problems: string[] = [];
  problemCount = 0;
  queuedWrites = 0;
  /** Reads that another store answered. */
  fallbacks = 0;
  /** Milliseconds of the longest read while the index was down. */
  longestOutageRead = 0;
  outageReads = 0;
  isOutage = false;

  wrong(problem: string): void {
    this.problemCount++;
    if (this.problems.length < problemsKept) this.problems.push(problem);
  }

  failed(operation: string, error: unknown): void {
    const { code = "unknown", message } = error as { code?: string; message: string };
    this.errors.add(code);
    if (this.errorSamples.length < problemsKept) this.errorSamples.push(`${operation}: ${code}: ${message}`);
  }
}
