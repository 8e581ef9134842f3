import type { FieldRole } from "../vocabulary/vocabulary.ts";
import type { Facet } from "./facets.ts";

/** A metadata field of a known role, as the records use it. */
export interface CatalogField {
  readonly field: string;
  readonly role: FieldRole;
  /** Records that have it. */
  readonly recordCount: number;
  /** Whether it holds lists, so that a filter says CONTAINS. */
  readonly isList: boolean;
  /** Distinct values and their number of records, most frequent first. */
  readonly values: readonly (readonly [value: string, count: number])[];
}

/** The words of a namespace: what the analysis of questions knows about the data. */
export interface Catalog {
  readonly recordCount: number;
  /** Whether records were left out because there are too many. */
  readonly isPartial: boolean;
  readonly fields: readonly CatalogField[];
  /** Every metadata field, known to the question analysis or not. */
  readonly facets: readonly Facet[];
  readonly names: readonly (readonly [name: string, id: string])[];
  /** Records that hold a stem, by stem. */
  readonly frequencies: ReadonlyMap<string, number>;
  /** Occurrences of an unstemmed word, ignoring case and accents. */
  readonly spellings: ReadonlyMap<string, number>;
  /** Of each field with numbers, up to a few: the number by id. */
  readonly numbers: readonly (readonly [
    field: string,
    values: readonly (readonly [id: string, value: number])[],
  ])[];
}

/** Fields of a role that the records have. */
export function fieldsOf(catalog: Catalog, role: FieldRole): CatalogField[] {
  return catalog.fields.filter((field) => field.role === role);
}

/**
 * How rare a stem is: `ln(1 + (N − n + 0.5) / (n + 0.5))`, as BM25 weighs it; a stem that no record has is the rarest.
 */
export function rarity(catalog: Catalog, stem: string): number {
  const containing = catalog.frequencies.get(stem) ?? 0;
  const total = Math.max(catalog.recordCount, containing);
  return Math.log(1 + (total - containing + 0.5) / (containing + 0.5));
}

/** Words in a text that finds almost any record: as many as records have four of, on average. */
const wordsPerRecord = 4;
const fewestCommon = 3;
const mostCommon = 32;

/** The most frequent words of the records: a search for them finds almost any record. */
export function commonWords({ spellings, recordCount }: Catalog): string {
  const ranked = [...spellings].sort((left, right) => right[1] - left[1]).slice(0, mostCommon);
  let count = 0;
  const chosen = ranked.filter(([, uses], place) => {
    const isWanted = place < fewestCommon || count < recordCount * wordsPerRecord;
    count += uses;
    return isWanted;
  });
  return chosen.map(([word]) => word).join(" ");
}
