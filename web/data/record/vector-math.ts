/** Lowest and highest component of a slice of a vector. */
export interface Bucket {
  readonly low: number;
  readonly high: number;
}

/** The Euclidean length of a vector. */
export function normOf(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** Cuts a vector into at most `count` slices of the same length, so that a plot of any width shows all of it. */
export function bucketsOf(values: readonly number[], count: number): Bucket[] {
  const size = Math.max(1, Math.ceil(values.length / count));
  return Array.from({ length: Math.ceil(values.length / size) }, (_, bucket) => {
    const slice = values.slice(bucket * size, (bucket + 1) * size);
    return { low: Math.min(...slice), high: Math.max(...slice) };
  });
}
