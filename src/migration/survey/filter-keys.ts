import type { Metadata } from "../../store/document.ts";
import { FilterNames, type MetadataPath, pathText } from "../filter-name.ts";
import { IdTally } from "../id-tally.ts";

/** Number of paths that are counted one by one. */
const maximumPaths = 1_000;

/** Finds metadata keys that filters of Upstash Vector cannot name, at every level. */
export class FilterKeys {
  readonly #names = new FilterNames();
  readonly #counts = new Map<string, number>();
  readonly records: IdTally = new IdTally();

  add(id: string, metadata: Metadata): void {
    const found = new Set<string>();
    this.#examine(metadata, [], found);
    if (found.size === 0) return;
    this.records.add(id);
    for (const path of found) {
      const count = this.#counts.get(path);
      if (count !== undefined || this.#counts.size < maximumPaths) this.#counts.set(path, (count ?? 0) + 1);
    }
  }

  /** Paths that no filter can name, by number of records, most first. */
  list(): { readonly path: string; readonly recordCount: number }[] {
    return [...this.#counts]
      .map(([path, recordCount]) => ({ path, recordCount }))
      .sort((left, right) => right.recordCount - left.recordCount || (left.path < right.path ? -1 : 1));
  }

  #examine(value: object, path: MetadataPath, found: Set<string>): void {
    for (const [key, member] of Object.entries(value)) {
      const keys = [...path, key];
      if (!this.#names.canBeFiltered(keys)) found.add(pathText(keys));
      else this.#examineMember(member, keys, found);
    }
  }

  #examineMember(member: unknown, path: MetadataPath, found: Set<string>): void {
    if (typeof member !== "object" || member === null) return;
    if (Array.isArray(member)) for (const item of member) this.#examineMember(item, [...path, 0], found);
    else this.#examine(member, path, found);
  }
}
