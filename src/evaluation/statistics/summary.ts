/** What a list of figures looks like from afar. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  readonly minimum: number;
  /** The 5th percentile. */
  readonly p5: number;
}

/** @returns `undefined` for an empty list, which has no mean */
export function summarize(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  return {
    count: values.length,
    mean: mean(values),
    median: quantile(sorted, 0.5),
    minimum: sorted[0] as number,
    p5: quantile(sorted, 0.05),
  };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The value below which a share of the values lies, interpolated between neighbours
 * (Hyndman & Fan 1996, "Sample quantiles in statistical packages", type 7).
 *
 * @param sorted in rising order, at least one
 * @param share 0 to 1
 */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (place - below) * (high - low);
}
