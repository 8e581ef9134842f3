import { IdTable } from "../../foundation/id-table.ts";
import type { Metadata } from "../../store/document.ts";

export interface MetadataKey {
  readonly key: string;
  /** Records that have it. */
  readonly recordCount: number;
  /** Records by kind of value: `string`, `integer`, `float`, `boolean`, `array`, `null`. */
  readonly types: Readonly<Record<string, number>>;
  /** Distinct values; counted up to 10,000. */
  readonly distinctCount: number;
  /** Some of the values, as JSON, the first that were met. */
  readonly samples: readonly string[];
}

/** Keys that are told apart. What comes after is counted together. */
const keptKeys = 500;
const countedValues = 10_000;
const keptSamples = 3;
const sampleLength = 40;

interface Tally {
  recordCount: number;
  readonly types: Record<string, number>;
  readonly values: IdTable;
  readonly samples: string[];
}

/** What the records of a collection have for metadata, in memory that does not grow with them. */
export class MetadataKeys {
  readonly #tallies = new Map<string, Tally>();
  /** Values under keys beyond the first 500. */
  otherCount = 0;

  add(metadata: Metadata): void {
    for (const [key, value] of Object.entries(metadata)) {
      const tally = this.#tallies.get(key) ?? this.#open(key);
      if (tally) addValue(tally, value);
      else this.otherCount++;
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
    if (this.#tallies.size >= keptKeys) return undefined;
    const tally: Tally = { recordCount: 0, types: {}, values: new IdTable(16), samples: [] };
    this.#tallies.set(key, tally);
    return tally;
  }
}

function addValue(tally: Tally, value: unknown): void {
  const type = typeOf(value);
  const text = JSON.stringify(value);
  tally.recordCount++;
  tally.types[type] = (tally.types[type] ?? 0) + 1;
  if (tally.values.size >= countedValues || tally.values.add(text, 0) !== undefined) return;
  if (tally.samples.length < keptSamples) {
    tally.samples.push(text.length > sampleLength ? `${text.slice(0, sampleLength)}…` : text);
  }
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "float";
  return typeof value;
}
