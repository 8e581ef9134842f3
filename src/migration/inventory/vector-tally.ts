import type { Vector } from "../../store/document.ts";
import { Examples } from "./examples.ts";

export interface Norms {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** How far from one a norm may be for its vector to count as normalised: what float32 leaves, and rounding models. */
const normTolerance = 1e-3;

/** What the vectors of a collection are like. */
export class VectorTally {
  /** Vectors by their length, which should be one length alone. */
  readonly dimensions: Map<number, number> = new Map();
  readonly missing: Examples = new Examples();
  readonly nonFinite: Examples = new Examples();
  readonly zero: Examples = new Examples();
  /** Vectors whose norm is not one. */
  unnormalizedCount = 0;
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  add(id: string, vector: Vector | undefined): void {
    if (vector === undefined) {
      this.missing.add(id);
      return;
    }
    this.dimensions.set(vector.length, (this.dimensions.get(vector.length) ?? 0) + 1);
    let squares = 0;
    for (const component of vector) squares += component * component;
    const norm = Math.sqrt(squares);
    if (!Number.isFinite(norm)) {
      this.nonFinite.add(id);
      return;
    }
    if (norm === 0) this.zero.add(id);
    if (Math.abs(norm - 1) > normTolerance) this.unnormalizedCount++;
    this.#count++;
    this.#sum += norm;
    this.#min = Math.min(this.#min, norm);
    this.#max = Math.max(this.#max, norm);
  }

  /** `undefined` where there is no vector. */
  get norms(): Norms | undefined {
    if (this.#count === 0) return undefined;
    return { min: this.#min, mean: this.#sum / this.#count, max: this.#max };
  }
}
