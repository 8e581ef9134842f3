import type { RecordKey } from "./rows.ts";

/** Most values of a list in one statement. */
const longestList = 256;

/**
 * Splits a list for `IN (…)`. Lengths are powers of two, filled with the last value, so that few statements are
 * prepared.
 */
export function* valueLists<Value>(values: readonly Value[]): Generator<{ values: Value[]; marks: string }> {
  for (let start = 0; start < values.length; start += longestList) {
    const list = values.slice(start, start + longestList);
    const length = 2 ** Math.ceil(Math.log2(list.length));
    while (list.length < length) list.push(list.at(-1) as Value);
    yield { values: list, marks: list.map(() => "?").join(", ") };
  }
}

/** Splits rows for `VALUES (…), (…)`, into powers of two: a row cannot stand twice. */
export function* rowLists<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let start = 0; start < rows.length; ) {
    const length = 2 ** Math.floor(Math.log2(Math.min(rows.length - start, longestList / 4)));
    yield rows.slice(start, start + length);
    start += length;
  }
}

/** The ids of each namespace. */
export function idsByNamespace(keys: readonly RecordKey[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { namespace, id } of keys) {
    const ids = groups.get(namespace);
    if (ids) ids.push(id);
    else groups.set(namespace, [id]);
  }
  return groups;
}
