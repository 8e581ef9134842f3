import { IdTable } from "../../foundation/id-table.ts";
import type { Metadata } from "../../store/document.ts";
import { canonicalJson } from "../content-hash.ts";

export interface MetadataKey {
  readonly key: string;
  /** Number of records that have it. */
  readonly recordCount: number;
  /** Number of records by kind of value: `string`, `integer`, `float`, `boolean`, `array`, `null`. */
  readonly types: Readonly<Record<string, number>>;
  /** Number of distinct values; counted up to 10,000. */
  readonly distinctCount: number;
  /** The first values as JSON; numbers that JSON cannot hold as `Infinity` or `NaN`. */
  readonly samples: readonly string[];
}

/** Number of keys that are kept; more are ignored. */
const maximumKeys = 500;
const maximumValues = 10_000;
const maximumSamples = 3;
const sampleLength = 40;

interface Tally {
  recordCount: number;
  readonly types: Record<string, number>;
  readonly values: IdTable;
  readonly samples: string[];
}

/** The metadata keys of a collection, in memory that does not grow with the number of records. */
export class MetadataKeys {
  readonly #tallies = new Map<string, Tally>();

  add(metadata: Metadata): void {
    for (const [key, value] of Object.entries(metadata)) {
      const tally = this.#tallies.get(key) ?? this.#open(key);
      if (tally) addValue(tally, value);
    }
  }

  list(): MetadataKey[] {
    return [...this.#tallies]
      .map(([key, { recordCount, types, values, samples }]) => ({
        key,
        recordCount,
        types,
        distinctCount: values.size,
        samples,
      }))
      .sort((left, right) => right.recordCount - left.recordCount || (left.key < right.key ? -1 : 1));
  }

  #open(key: string): Tally | undefined {
    if (this.#tallies.size >= maximumKeys) return undefined;
    const tally: Tally = { recordCount: 0, types: {}, values: new IdTable(16), samples: [] };
    this.#tallies.set(key, tally);
    return tally;
  }
}

function addValue(tally: Tally, value: unknown): void {
  const type = typeOf(value);
  const text = canonicalJson(value);
  tally.recordCount++;
  tally.types[type] = (tally.types[type] ?? 0) + 1;
  if (tally.values.size >= maximumValues || tally.values.add(text, 0) !== undefined) return;
  if (tally.samples.length < maximumSamples) {
    tally.samples.push(text.length > sampleLength ? `${text.slice(0, sampleLength)}…` : text);
  }
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "bigint") return "integer";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "float";
  return typeof value;
}
