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

/** Words in a text that finds almost any record. */
const mostCommon = 3;

/** The words that occur most in the texts: a search for them lists the records. */
export function commonWords({ spellings }: Catalog): string {
  const ranked = [...spellings].sort((left, right) => right[1] - left[1]);
  return ranked
    .slice(0, mostCommon)
    .map(([word]) => word)
    .join(" ");
}
