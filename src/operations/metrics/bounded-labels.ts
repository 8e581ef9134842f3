/** Stands for every value beyond the limit. */
const otherLabel = "other";

/**
 * Keeps the number of label values small: every new value is one more time series for as long as Prometheus keeps
 * data. Only the first values are kept; later ones count as `other`.
 */
export class BoundedLabels {
  readonly #limit: number;
  readonly #values = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  of(value: string): string {
    if (this.#values.has(value)) return value;
    if (this.#values.size >= this.#limit) return otherLabel;
    this.#values.add(value);
    return value;
  }
}
