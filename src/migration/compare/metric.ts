import type { Vector } from "../../store/document.ts";

/** The metrics of an index, by Upstash's names. */
export const metrics = ["COSINE", "EUCLIDEAN", "DOT_PRODUCT"] as const;
export type Metric = (typeof metrics)[number];

/** @returns `undefined` for any other name */
export function metricOf(similarityFunction: string): Metric | undefined {
  return metrics.find((metric) => metric === similarityFunction);
}

/** Exact similarities in double precision; each is higher for closer vectors. */
export type Similarities = Readonly<Record<Metric, number>>;

/**
 * Cosine, negative squared distance and dot product of two vectors of equal length. A zero vector has cosine 0
 * with everything.
 *
 * @param norm Euclidean length of `query`
 */
export function similarities(query: Float64Array, norm: number, stored: Vector): Similarities {
  let dot = 0;
  let squares = 0;
  let distance = 0;
  for (let place = 0; place < query.length; place++) {
    const left = query[place] as number;
    const right = stored[place] as number;
    dot += left * right;
    squares += right * right;
    distance += (left - right) ** 2;
  }
  const lengths = norm * Math.sqrt(squares);
  return { COSINE: lengths === 0 ? 0 : dot / lengths, EUCLIDEAN: -distance, DOT_PRODUCT: dot };
}

/**
 * Stores compute scores in float32. There the sum of a thousand products has a relative error of about 1e-6; ten
 * times that is allowed.
 */
export const tieTolerance = 1e-5;

/** Whether a store that computes in float32 may order two similarities either way. */
export function isTied(metric: Metric, left: number, right: number): boolean {
  const scale = metric === "COSINE" ? 1 : Math.max(Math.abs(left), Math.abs(right));
  return Math.abs(left - right) <= tieTolerance * scale;
}

export function lengthOf(vector: Vector): number {
  let squares = 0;
  for (const component of vector) squares += component * component;
  return Math.sqrt(squares);
}
