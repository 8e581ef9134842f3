import { seededRandom } from "../../foundation/random.ts";
import { quantile } from "./summary.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** Samples drawn. Default 10,000. */
  readonly samples?: number;
  readonly seed?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

/** The 0.975 quantile of the normal distribution. */
const normalQuantile = 1.959963984540054;

/**
 * The interval in which the mean lies, by the percentile bootstrap (Efron & Tibshirani 1993, "An introduction
 * to the bootstrap", chapter 13): means of samples drawn with replacement. With fewer than about 20 values it
 * is too narrow.
 *
 * @returns `undefined` for fewer than 2 values
 */
export function bootstrapMean(
  values: readonly number[],
  options: BootstrapOptions = {},
): Interval | undefined {
  const { samples = 10_000, seed = 1, confidence = 0.95 } = options;
  if (values.length < 2) return undefined;
  const random = seededRandom(seed);
  const means = Float64Array.from({ length: samples }, () => {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw++) {
      sum += values[Math.floor(random() * values.length)] as number;
    }
    return sum / values.length;
  }).sort();
  const tail = (1 - confidence) / 2;
  return { low: quantile(means, tail), high: quantile(means, 1 - tail) };
}

/**
 * The 95 % interval of a proportion by Wilson's score (Wilson 1927, "Probable inference, the law of
 * succession, and statistical inference"), which holds near 0, unlike the textbook interval.
 *
 * @param hits 0 to `count`
 * @param count at least 1
 */
export function wilsonInterval(hits: number, count: number): Interval {
  const share = hits / count;
  const square = normalQuantile ** 2;
  const centre = (share + square / (2 * count)) / (1 + square / count);
  const half =
    (normalQuantile / (1 + square / count)) *
    Math.sqrt((share * (1 - share)) / count + square / (4 * count ** 2));
  return { low: hits === 0 ? 0 : centre - half, high: hits === count ? 1 : centre + half };
}

/** How many trials without a hit it takes for Wilson's 95 % interval to end below `share`. */
export function trialsToRuleOut(share: number): number {
  return Math.floor((normalQuantile ** 2 * (1 - share)) / share) + 1;
}
