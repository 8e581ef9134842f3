/** Bins of the cosine between a query and the centre of a cell, and between a query and a row. */
const centreBins = 128;
const rowBins = 256;

export function centreBin(cosine: number): number {
  return binOf(cosine, centreBins);
}

function binOf(cosine: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(((cosine + 1) / 2) * count)));
}

/**
 * How similar rows are to a query, by how similar the centre of their cell is: counts of pairs of rows, one taken
 * as the query, that were measured in this index. Nothing is assumed about how its vectors are distributed.
 */
export class TailTable {
  static readonly bins: number = centreBins;
  /** u32[128][256] */
  readonly counts: Uint32Array;
  /** For each centre bin and row bin, the chance of a row in the row bin or above; made at first use. */
  #chances: Float64Array | undefined;

  constructor(counts: Uint32Array = new Uint32Array(centreBins * rowBins)) {
    this.counts = counts;
  }

  static get length(): number {
    return centreBins * rowBins;
  }

  /** Adds a pair. */
  add(centre: number, cosine: number): void {
    const place = centre * rowBins + binOf(cosine, rowBins);
    this.counts[place] = (this.counts[place] as number) + 1;
  }

  /**
   * How likely a row of a cell in this bin is more similar than `cosine`: the share of such pairs, with half a pair
   * added, since what was not seen once may exist; and no more than in a cell with a more similar centre, so that a
   * bin with few pairs learns from its neighbours. 1 where no pair was measured.
   */
  chanceAbove(centre: number, cosine: number): number {
    this.#chances ??= this.#sum();
    return this.#chances[centre * rowBins + binOf(cosine, rowBins)] as number;
  }

  /** i32[128], the rows in the cells of each bin. */
  rowsByBin(bins: Uint8Array, sizes: Int32Array): Int32Array {
    const rows = new Int32Array(centreBins);
    for (let cell = 0; cell < bins.length; cell++) {
      const bin = bins[cell] as number;
      rows[bin] = (rows[bin] as number) + (sizes[cell] as number);
    }
    return rows;
  }

  /**
   * How many rows have to be read, most similar centres first, until those that are left hold no more than `most`
   * rows that are more similar than `cosine`.
   * @param rowsByBin i32[128], rows that are not read yet
   */
  rowsUntil(rowsByBin: Int32Array, cosine: number, most: number): number {
    let rows = 0;
    let missed = 0;
    for (let bin = 0; bin < centreBins; bin++) {
      const left = rowsByBin[bin] as number;
      if (left === 0) continue;
      missed += left * this.chanceAbove(bin, cosine);
      if (missed > most) rows += left;
    }
    return rows;
  }

  #sum(): Float64Array {
    const chances = new Float64Array(TailTable.length);
    const above = new Float64Array(rowBins);
    for (let centre = centreBins - 1; centre >= 0; centre--) {
      let pairs = 0;
      for (let bin = rowBins - 1; bin >= 0; bin--) {
        pairs += this.counts[centre * rowBins + bin] as number;
        above[bin] = pairs;
      }
      for (let bin = 0; bin < rowBins; bin++) {
        const place = centre * rowBins + bin;
        const share = pairs === 0 ? 1 : Math.min(1, ((above[bin] as number) + 0.5) / (pairs + 1));
        const more = centre === centreBins - 1 ? 1 : (chances[place + rowBins] as number);
        chances[place] = Math.min(share, more);
      }
    }
    return chances;
  }
}
