const confidence = 0.95;

/**
 * An upper bound, at 95 %, of a quantile of the distribution of the values, of any shape: the
 * lowest of the sorted values that exceeds the quantile with that probability (David & Nagaraja 2003, "Order
 * statistics", section 7.1).
 *
 * @param sorted in rising order
 * @param share 0 to 1: 0.99 for the 99th percentile
 * @returns `undefined` if there are too few values for any bound
 */
export function quantileUpperBound(sorted: Float64Array, share: number): number | undefined {
  const above = 1 - share;
  // How many values lie above the quantile is binomial: `atMost` is the probability of at most `count`.
  let logarithm = sorted.length * Math.log(share);
  let atMost = Math.exp(logarithm);
  let bound: number | undefined;
  for (let count = 0; count < sorted.length && 1 - atMost >= confidence; count++) {
    bound = sorted[sorted.length - 1 - count];
    logarithm += Math.log(((sorted.length - count) / (count + 1)) * (above / share));
    atMost += Math.exp(logarithm);
  }
  return bound;
}

/** How many values it takes for `quantileUpperBound` to give a bound: 299 for the 99th percentile. */
export function valuesForBound(share: number): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(share));
}
