import { type CutoverRows, type Mark, type RecordKey, wholeNamespace } from "../../state/cutover/rows.ts";
import { groupByKey, keyText } from "./protocol.ts";

/** Rule 16: whether this is a namespace as a whole, and not one of its records. */
export function isWhole({ id }: RecordKey): boolean {
  return id === wholeNamespace;
}

/** The marks that decide about a key, in order. */
interface KeyMarks {
  readonly of: (key: RecordKey) => readonly Mark[];
  /** Rule 16: those of its namespace as a whole. */
  readonly wholes: (key: RecordKey) => readonly Mark[];
}

/** The marks of keys and of their namespaces, in one read: other processes wait while a transaction reads. */
export async function marksAround(rows: CutoverRows, keys: readonly RecordKey[]): Promise<KeyMarks> {
  const wholeOf = ({ namespace }: RecordKey) => ({ namespace, id: wholeNamespace });
  const all = new Map([...keys, ...keys.map(wholeOf)].map((key) => [keyText(key), key]));
  const marks = groupByKey(await rows.marksOf([...all.values()]));
  const of = (key: RecordKey) => marks.get(keyText(key)) ?? [];
  return { of, wholes: (key) => of(wholeOf(key)) };
}
