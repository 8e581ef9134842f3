import type { Metadata } from "../../store/document.ts";
import { filterPredicate, parseFilter } from "../../store/filter.ts";
import { IdTally } from "../id-tally.ts";

/** Paths that are examined; a source with more distinct keys has keys that are data. */
const maximumPaths = 10_000;

/** Finds metadata keys that the filter language of Upstash Vector cannot name, at every level. */
export class FilterKeys {
  /** Whether a filter finds the value at this path of keys. */
  readonly #known = new Map<string, boolean>();
  readonly #unnameable = new Map<string, number>();
  readonly records: IdTally = new IdTally();

  add(id: string, metadata: Metadata): void {
    const found = new Set<string>();
    this.#examine(metadata, [], found);
    if (found.size === 0) return;
    this.records.add(id);
    for (const path of found) this.#unnameable.set(path, (this.#unnameable.get(path) ?? 0) + 1);
  }

  /** Paths that no filter can name, by number of records, most first. */
  list(): { readonly path: string; readonly recordCount: number }[] {
    return [...this.#unnameable]
      .map(([path, recordCount]) => ({ path, recordCount }))
      .sort((left, right) => right.recordCount - left.recordCount || (left.path < right.path ? -1 : 1));
  }

  #examine(value: object, path: readonly string[], found: Set<string>): void {
    for (const [key, member] of Object.entries(value)) {
      const keys = [...path, key];
      if (!this.#isNameable(keys)) {
        found.add(keys.join(" › "));
        continue;
      }
      if (typeof member === "object" && member !== null && !Array.isArray(member)) {
        this.#examine(member, keys, found);
      }
    }
  }

  #isNameable(keys: readonly string[]): boolean {
    const place = JSON.stringify(keys);
    const known = this.#known.get(place);
    if (known !== undefined) return known;
    const isNameable = canBeNamed(keys);
    if (this.#known.size < maximumPaths) this.#known.set(place, isNameable);
    return isNameable;
  }
}

/**
 * Whether a filter reads the value at these keys, one for each level. The filter language itself decides: a key
 * with a dot, for one, is read as two levels.
 */
export function canBeNamed(keys: readonly string[]): boolean {
  const metadata = keys.reduceRight<unknown>((value, key) => ({ [key]: value }), 1);
  try {
    const filter = parseFilter(`${keys.join(".")} = 1`);
    return filter.kind === "comparison" && filterPredicate(filter)(metadata);
  } catch {
    return false;
  }
}
