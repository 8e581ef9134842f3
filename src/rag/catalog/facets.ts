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
  isComplete: boolean;
  minimum: number;
  maximum: number;
  readonly values: Map<FacetValue, number>;
}

/** Collects facets from the metadata of records, one at a time. */
export class FacetBuilder {
  readonly #tallies = new Map<string, Tally>();

  add(metadata: Readonly<Record<string, unknown>>): void {
    this.#addFields(metadata, "", 1);
  }

  #addFields(fields: object, prefix: string, level: number): void {
    for (const [name, value] of Object.entries(fields)) {
      if (value === null || value === undefined) continue;
      const field = `${prefix}${name}`;
      if (typeof value === "object" && !Array.isArray(value)) {
        if (level < deepestLevel) this.#addFields(value, `${field}.`, level + 1);
      } else {
        this.#count(field, value);
      }
    }
  }

  #count(field: string, value: unknown): void {
    const tally = this.#tallyOf(field);
    if (tally === undefined) return;
    tally.recordCount++;
    if (Array.isArray(value)) tally.listCount++;
    // A list may name a value twice, in one record.
    for (const each of Array.isArray(value) ? new Set(value) : [value]) addValue(tally, each);
  }

  #tallyOf(field: string): Tally | undefined {
    const known = this.#tallies.get(field);
    if (known !== undefined || this.#tallies.size >= mostFields) return known;
    const tally: Tally = {
      recordCount: 0,
      listCount: 0,
      isComplete: true,
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
      .map(([field, { recordCount, listCount, isComplete, minimum, maximum, values }]) => ({
        field,
        recordCount,
        isList: listCount * 2 > recordCount,
        values: [...values].sort((left, right) => right[1] - left[1]),
        isComplete,
        ...(minimum <= maximum && { range: { minimum, maximum } }),
      }));
  }
}

function addValue(tally: Tally, value: unknown): void {
  if (!isFacetValue(value)) {
    tally.isComplete = false;
    return;
  }
  if (typeof value === "number") {
    tally.minimum = Math.min(tally.minimum, value);
    tally.maximum = Math.max(tally.maximum, value);
  }
  const count = tally.values.get(value);
  if (count === undefined && tally.values.size >= mostValues) tally.isComplete = false;
  else tally.values.set(value, (count ?? 0) + 1);
}

function isFacetValue(value: unknown): value is FacetValue {
  if (typeof value === "string") return value.length <= longestValue;
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}
