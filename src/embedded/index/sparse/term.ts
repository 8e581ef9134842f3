import type { Posting } from "./posting.ts";

/** One index of a query: its weight, and its posting as it is at the start of the search. */
export interface Term {
  readonly weight: number;
  readonly rows: Int32Array;
  readonly values: Float32Array;
  /** The blocks of the posting. */
  readonly blocks: Int32Array;
  /** For each of them, the place of its first entry. */
  readonly starts: Int32Array;
  /** For each of them, a bound of what the term adds to the score of a row, at least 0; infinite if unknown. */
  readonly bounds: Float32Array;
  /** The highest of the bounds. */
  readonly bound: number;
  /** Whether everything that it adds is at least 0. */
  readonly isPositive: boolean;
}

export function termOf(posting: Posting, weight: number): Term {
  const { rows, values, blocks } = posting;
  const { ids, starts, maxima, hasNegative, hasRepeated } = blocks;
  const hasBounds = !hasRepeated && (weight >= 0 || !hasNegative);
  const bounds = new Float32Array(maxima.length);
  let bound = 0;
  for (let place = 0; place < maxima.length; place++) {
    const one = hasBounds
      ? Math.max(0, Math.fround(weight * (maxima[place] as number)))
      : Number.POSITIVE_INFINITY;
    bounds[place] = one;
    if (one > bound) bound = one;
  }
  return {
    weight,
    rows,
    values,
    blocks: ids,
    starts,
    bounds,
    bound,
    isPositive: hasBounds && weight >= 0 && !hasNegative,
  };
}
