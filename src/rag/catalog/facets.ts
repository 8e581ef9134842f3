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
  recordCount: number;
  listCount: number;
  /** Values that no menu lists. */
  proseCount: number;
  /** Whether values were left out because there are too many. */
  hasMore: boolean;
  minimum: number;
  maximum: number;
  readonly values: Map<FacetValue, number>;
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
    for (const [field, value] of fieldsOf(metadata)) {
      const tally = this.#tallyOf(field);
      if (tally === undefined) continue;
      tally.recordCount++;
      if (Array.isArray(value)) tally.listCount++;
      for (const each of itemsOf(value)) addValue(tally, each);
    }
  }

  /** Takes back what `add` counted for the same metadata. */
  remove(metadata: Readonly<Record<string, unknown>>): void {
    if (this.#hasMore) this.#isExact = false;
    for (const [field, value] of fieldsOf(metadata)) {
      const tally = this.#tallies.get(field);
      if (tally === undefined) continue;
      if (tally.hasMore) this.#isExact = false;
      tally.recordCount--;
      if (Array.isArray(value)) tally.listCount--;
      for (const each of itemsOf(value)) removeValue(tally, each);
      if (tally.recordCount === 0) this.#tallies.delete(field);
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
      recordCount: 0,
      listCount: 0,
      proseCount: 0,
      hasMore: false,
      minimum: Number.POSITIVE_INFINITY,
      maximum: Number.NEGATIVE_INFINITY,
      values: new Map(),
    };
    this.#tallies.set(field, tally);
    return tally;
  }

  /** The facets in the order of their fields' names. */
  build(): Facet[] {
    return [...this.#tallies]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([field, { recordCount, listCount, proseCount, hasMore, minimum, maximum, values }]) => ({
        field,
        recordCount,
        isList: listCount * 2 > recordCount,
        values: [...values].sort((left, right) => right[1] - left[1]),
        isComplete: proseCount === 0 && !hasMore,
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
function itemsOf(value: unknown): Iterable<unknown> {
  return Array.isArray(value) ? new Set(value) : [value];
}

function addValue(tally: Tally, value: unknown): void {
  if (!isFacetValue(value)) {
    tally.proseCount++;
    return;
  }
  if (typeof value === "number") {
    tally.minimum = Math.min(tally.minimum, value);
    tally.maximum = Math.max(tally.maximum, value);
  }
  const count = tally.values.get(value);
  if (count === undefined && tally.values.size >= mostValues) tally.hasMore = true;
  else tally.values.set(value, (count ?? 0) + 1);
}

function removeValue(tally: Tally, value: unknown): void {
  if (!isFacetValue(value)) {
    tally.proseCount--;
    return;
  }
  const count = tally.values.get(value);
  if (count === undefined) return;
  if (count > 1) {
    tally.values.set(value, count - 1);
    return;
  }
  tally.values.delete(value);
  if (value !== tally.minimum && value !== tally.maximum) return;
  const numbers = [...tally.values.keys()].filter((each) => typeof each === "number");
  tally.minimum = numbers.reduce((left, right) => Math.min(left, right), Number.POSITIVE_INFINITY);
  tally.maximum = numbers.reduce((left, right) => Math.max(left, right), Number.NEGATIVE_INFINITY);
}

function isFacetValue(value: unknown): value is FacetValue {
  if (typeof value === "string") return value.length <= longestValue;
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}
