import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";

/** One hour; a longer duration is recorded as one hour. Microseconds. */
const longest = 3_600_000_000;

/** A percentile differs by at most 0.1 % from the recorded duration. */
const significantDigits = 3;

/** Bits of each count: up to four billion recordings of one value. */
const bitBucketSize = 32;

/**
 * Durations with exact percentiles: an HDR histogram from 1 µs to 1 h with three significant digits, 95 KB in memory
 * and 0.2 to 7 KB encoded. Histograms of several minutes and replicas merge without loss; averages of percentiles
 * would be wrong.
 */
export class Latencies {
  readonly #histogram: Histogram;

  constructor(histogram: Histogram = emptyHistogram()) {
    this.#histogram = histogram;
  }

  /** @throws {Error} if the text is not an encoded histogram */
  static decode(encoded: string): Latencies {
    return new Latencies(decodeFromCompressedBase64(encoded, bitBucketSize, false));
  }

  /** HdrHistogram's V2 encoding, compressed, in base64; other HDR tools read it too. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  record(milliseconds: number): void {
    this.#histogram.recordValue(Math.min(Math.max(Math.round(milliseconds * 1_000), 0), longest));
  }

  add(other: Latencies): void {
    this.#histogram.add(other.#histogram);
  }

  /** Milliseconds. @param percentile 0 to 100 */
  percentile(percentile: number): number {
    return this.#histogram.getValueAtPercentile(percentile) / 1_000;
  }

  reset(): void {
    this.#histogram.reset();
  }
}

function emptyHistogram(): Histogram {
  return build({
    bitBucketSize,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: longest,
    numberOfSignificantValueDigits: significantDigits,
  });
}
