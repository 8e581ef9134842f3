import type { Finding } from "../foundation/finding.ts";

/** A number of records, and the ids of the first of them. */
export interface CountedIds {
  readonly count: number;
  readonly ids: readonly string[];
}

/** Counts ids and keeps the first. */
export class IdTally implements CountedIds {
  count = 0;
  readonly ids: string[] = [];
  readonly #maximumListed: number;

  /** @param maximumListed number of ids that are kept */
  constructor(maximumListed = 10) {
    this.#maximumListed = maximumListed;
  }

  add(id: string): void {
    this.count++;
    if (this.ids.length < this.#maximumListed) this.ids.push(id);
  }
}

/** A finding about these records; an empty list without records. */
export function ofRecords(
  { count, ids }: CountedIds,
  finding: Omit<Finding, "recordCount" | "ids">,
): Finding[] {
  return count === 0 ? [] : [{ ...finding, recordCount: count, ids }];
}
