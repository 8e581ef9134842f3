import { ValueCounts } from "./value-counts.ts";

/** A value that a filter compares with. */
export type FacetValue = string | number | boolean;

/** What records have in one metadata field, for menus and filters. */
export interface Facet {
  /** As a filter names it: `region`, `origin.country`. */
  readonly field: string;
  /** Records that have it. */
  readonly recordCount: number;
  /** Whether it has lists, so that a filter says CONTAINS. */
  readonly isList: boolean;
  /** Values and their number of records, most frequent first. */
  readonly values: readonly (readonly [value: FacetValue, count: number])[];
  /** Whether `values` has every value. False for prose and for fields with more than 1,000 values. */
  readonly isComplete: boolean;
  /** Smallest and greatest number, if the field has numbers. */
  readonly range?: { readonly minimum: number; readonly maximum: number };
}

/** Distinct values that a facet keeps. */
const mostValues = 1_000;

/** Fields that are counted; records with more have no useful menu. */
const mostFields = 500;

/** Characters of a value; longer ones are prose, which no menu lists. */
const longestValue = 80;

/** Levels of objects within objects that a filter can name. */
const deepestLevel = 4;

interface Tally {
  readonly counts: ValueCounts<FacetValue>;
  /** Values that no menu lists. */
  proseCount: number;
  minimum: number;
  maximum: number;
}

/** Collects facets from the metadata of records, one at a time. */
export class FacetBuilder {
  readonly #tallies = new Map<string, Tally>();
  #isExact = true;
  #hasMore = false;

  /** False after the removal of a record of which it is not known what it added. */
  get isExact(): boolean {
    return this.#isExact;
  }

  add(metadata: Readonly<Record<string, unknown>>): void {
    this.#count(metadata, 1);
  }

  /** Takes back what `add` counted for the same metadata. */
  remove(metadata: Readonly<Record<string, unknown>>): void {
    if (this.#hasMore) this.#isExact = false;
    this.#count(metadata, -1);
  }

  #count(metadata: Readonly<Record<string, unknown>>, sign: 1 | -1): void {
    for (const [field, value] of fieldsOf(metadata)) {
      const tally = sign > 0 ? this.#tallyOf(field) : this.#tallies.get(field);
      if (tally === undefined) continue;
      const { counts } = tally;
      if (sign < 0 && counts.hasMore) this.#isExact = false;
      const values = itemsOf(value);
      const kept = values.filter(isFacetValue);
      counts.count(kept, { sign, most: mostValues, isInList: Array.isArray(value) });
      tally.proseCount += sign * (values.length - kept.length);
      if (counts.recordCount === 0) this.#tallies.delete(field);
      else if (sign > 0) widen(tally, kept);
      else if (kept.some((each) => each === tally.minimum || each === tally.maximum)) {
        Object.assign(tally, noRange);
        widen(tally, counts.counts.keys());
      }
    }
  }

  #tallyOf(field: string): Tally | undefined {
    const known = this.#tallies.get(field);
    if (known !== undefined) return known;
    if (this.#tallies.size >= mostFields) {
      this.#hasMore = true;
      return undefined;
    }
    const tally: Tally = {
      counts: new ValueCounts(),
      proseCount: 0,
      ...noRange,
    };
    this.#tallies.set(field, tally);
    return tally;
  }

  /** The facets in the order of their fields' names. */
  build(): Facet[] {
    return [...this.#tallies]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([field, { counts, proseCount, minimum, maximum }]) => ({
        field,
        recordCount: counts.recordCount,
        isList: counts.isList,
        values: counts.ranked(),
        isComplete: proseCount === 0 && !counts.hasMore,
        ...(minimum <= maximum && { range: { minimum, maximum } }),
      }));
  }
}

/** The fields of an object and of the objects in it. */
function* fieldsOf(object: object, prefix = "", level = 1): Generator<readonly [string, unknown]> {
  for (const [name, value] of Object.entries(object)) {
    if (value === null || value === undefined) continue;
    const field = `${prefix}${name}`;
    if (typeof value !== "object" || Array.isArray(value)) yield [field, value];
    else if (level < deepestLevel) yield* fieldsOf(value, `${field}.`, level + 1);
  }
}

/** A list may name a value twice, in one record. */
function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? [...new Set(value)] : [value];
}

const noRange = { minimum: Number.POSITIVE_INFINITY, maximum: Number.NEGATIVE_INFINITY };

function widen(tally: Tally, values: Iterable<FacetValue>): void {
  for (const value of values) {
    if (typeof value !== "number") continue;
    tally.minimum = Math.min(tally.minimum, value);
    tally.maximum = Math.max(tally.maximum, value);
  }
}

function isFacetValue(value: unknown): value is FacetValue {
  if (typeof value === "string") return value.length <= longestValue;
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}
