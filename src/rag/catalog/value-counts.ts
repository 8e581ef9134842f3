/** The values of one metadata field and how many records have each. */
export class ValueCounts<Value> {
  readonly counts: Map<Value, number> = new Map();
  /** Records that have the field. */
  recordCount = 0;
  /** Whether values were left out because there are too many. */
  hasMore = false;
  #listCount = 0;

  /** Whether most records have a list in the field. */
  get isList(): boolean {
    return this.#listCount * 2 > this.recordCount;
  }

  /**
   * Counts the values of a record, or takes them back.
   *
   * @param most distinct values that are kept
   * @param isInList whether the record has a list in the field
   */
  count(values: readonly Value[], { sign, most, isInList }: Counting): void {
    this.recordCount += sign;
    if (isInList) this.#listCount += sign;
    for (const value of values) {
      const known = this.counts.get(value);
      const sum = (known ?? 0) + sign;
      if (known === undefined && this.counts.size >= most) this.hasMore ||= sign > 0;
      else if (sum > 0) this.counts.set(value, sum);
      else this.counts.delete(value);
    }
  }

  /** Values with their number of records, most frequent first. */
  ranked(): (readonly [Value, number])[] {
    return [...this.counts].sort((left, right) => right[1] - left[1]);
  }
}

interface Counting {
  readonly sign: 1 | -1;
  readonly most: number;
  readonly isInList: boolean;
}
