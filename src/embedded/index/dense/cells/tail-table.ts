import type { SimilarityFunction } from "../../../settings.ts";
import { metrics } from "../metric.ts";

/**
 * Bins of the closeness of a query and the centre of a cell by their bits, of the same by int8 codes, and of a query and
 * a row.
 */
const bitBins = 64;
const centreBins = 128;
const rowBins = 256;

/** A bin of so many pairs is large: what was not seen in it is unlikely to be there. */
const manyPairs = 10_000;

/**
 * The bin of a centre that is compared by bits only, below those of all others.
 * @param share of all bits, those that differ
 */
export function bitBinOf(share: number): number {
  return binOf(1 - 2 * share, bitBins);
}

/**
 * How similar rows are to a query, by how similar the centre of their cell is: counts of pairs of rows, one taken
 * as the query, that were measured in this index. Nothing is assumed about how its vectors are distributed.
 */
export class TailTable {
  static readonly bins: number = bitBins + centreBins;
  // Not by the name of the class: the compiler gives it a value only after the class.
  static readonly length: number = (bitBins + centreBins) * rowBins;
  /** u32[192][256] */
  readonly counts: Uint32Array;
  /**
   * What makes similarities comparable: for the inner product, the largest norm of a row; for the squared distance,
   * its half between rows in the mean; 1 for the cosine.
   */
  readonly spread: number;
  readonly #similarity: SimilarityFunction;
  /** For each centre bin and row bin, the chance of a row in the row bin or above; made at first use. */
  #chances: Float32Array | undefined;

  constructor(
    similarity: SimilarityFunction,
    spread: number,
    counts: Uint32Array = new Uint32Array(TailTable.length),
  ) {
    this.#similarity = similarity;
    this.spread = spread;
    this.counts = counts;
  }

  /** The bin of a centre by its similarity to this query; a higher one is closer. */
  centreBinning(querySquaredNorm: number): (similarity: number) => number {
    const closeness = this.#closeness(querySquaredNorm);
    return (similarity) => bitBins + binOf(closeness(similarity), centreBins);
  }

  /** The bin of a row's similarity to this query. */
  rowBinning(querySquaredNorm: number): (similarity: number) => number {
    const closeness = this.#closeness(querySquaredNorm);
    return (similarity) => binOf(closeness(similarity), rowBins);
  }

  /** A similarity as a number from -1 to 1; those beyond count as one of these. */
  #closeness(querySquaredNorm: number): (similarity: number) => number {
    switch (this.#similarity) {
      case "COSINE":
        return (similarity) => similarity;
      case "DOT_PRODUCT": {
        const largest = Math.sqrt(querySquaredNorm) * this.spread || 1;
        return (similarity) => similarity / largest;
      }
      case "EUCLIDEAN":
        return (similarity) => 1 + similarity / (2 * this.spread || 1);
    }
  }

  get metric(): (typeof metrics)[SimilarityFunction] {
    return metrics[this.#similarity];
  }

  /** Adds a pair. */
  add(centreBin: number, rowBin: number): void {
    const place = centreBin * rowBins + rowBin;
    this.counts[place] = (this.counts[place] as number) + 1;
  }

  /**
   * How many rows have to be read, highest bins first, until those that are left hold no more than `most` rows in
   * `rowBin` or above.
   * @param rowsByBin i32[192], rows that are not read yet
   */
  rowsUntil(rowsByBin: Int32Array, rowBin: number, most: number): number {
    this.#chances ??= this.#sum();
    let rows = 0;
    let missed = 0;
    for (let bin = 0; bin < TailTable.bins; bin++) {
      const left = rowsByBin[bin] as number;
      if (left === 0) continue;
      missed += left * (this.#chances[bin * rowBins + rowBin] as number);
      if (missed > most) rows += left;
    }
    return rows;
  }

  /**
   * The share of pairs with a row so similar; in a bin of few pairs with half a pair added. No more than in a bin of
   * more similar centres, so that a bin with few pairs learns from its neighbours; 1 where no pair was measured.
   */
  #sum(): Float32Array {
    const chances = new Float32Array(TailTable.length);
    const above = new Float64Array(rowBins);
    for (let centre = TailTable.bins - 1; centre >= 0; centre--) {
      let pairs = 0;
      for (let bin = rowBins - 1; bin >= 0; bin--) {
        pairs += this.counts[centre * rowBins + bin] as number;
        above[bin] = pairs;
      }
      const half = pairs < manyPairs ? 0.5 : 0;
      const isFirst = centre === TailTable.bins - 1 || centre === bitBins - 1;
      for (let bin = 0; bin < rowBins; bin++) {
        const place = centre * rowBins + bin;
        const share = pairs === 0 ? 1 : Math.min(1, ((above[bin] as number) + half) / (pairs + half));
        chances[place] = Math.min(share, isFirst ? 1 : (chances[place + rowBins] as number));
      }
    }
    return chances;
  }
}

function binOf(closeness: number, count: number): number {
  const bin = Math.floor(((closeness + 1) / 2) * count);
  // What is no number counts as close.
  return bin >= 0 ? Math.min(count - 1, bin) : Number.isNaN(bin) ? count - 1 : 0;
}
