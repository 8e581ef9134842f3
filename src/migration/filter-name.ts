import { filterPredicate, parseFilter } from "../store/filter.ts";

/** Keys that lead to a value of metadata, and 0 for the items of a list: `["loc", "lines", 0, "from"]`. */
export type MetadataPath = readonly (string | 0)[];

/**
 * Whether a filter of Upstash Vector can read the value at a path. The filter language itself decides: a key with a
 * dot, for one, is read as two levels.
 */
export function canBeFiltered(path: MetadataPath): boolean {
  const name = path.reduce<string>((text, key) => {
    if (key === 0) return `${text}[0]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
  const metadata = path.reduceRight<unknown>((value, key) => (key === 0 ? [value] : { [key]: value }), 1);
  try {
    const filter = parseFilter(`${name} = 1`);
    return filter.kind === "comparison" && filterPredicate(filter)(metadata);
  } catch {
    return false;
  }
}

/** Paths whose result is kept; a source with more of them has keys that are data. */
const maximumKept = 10_000;

/** The same, with the results kept: the records of a source share their keys. */
export class FilterNames {
  readonly #known = new Map<string, boolean>();

  canBeFiltered(path: MetadataPath): boolean {
    const place = JSON.stringify(path);
    const known = this.#known.get(place);
    if (known !== undefined) return known;
    const result = canBeFiltered(path);
    if (this.#known.size < maximumKept) this.#known.set(place, result);
    return result;
  }
}

/** `["a", "b c"]` as messages show it. */
export function pathText(path: MetadataPath): string {
  return path.map((key) => (key === 0 ? "[0]" : key)).join(" › ");
}
