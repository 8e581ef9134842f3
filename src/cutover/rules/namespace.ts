import { type CutoverRows, type Mark, type RecordKey, wholeNamespace } from "../../state/cutover/rows.ts";

/** Rule 16: whether this is a namespace as a whole, and not one of its records. */
export function isWhole({ id }: RecordKey): boolean {
  return id === wholeNamespace;
}

/** Rule 16: the marks of the namespaces of these keys, by namespace, in order. */
export async function namespaceMarks(
  rows: CutoverRows,
  keys: readonly RecordKey[],
): Promise<(key: RecordKey) => readonly Mark[]> {
  const names = [...new Set(keys.map(({ namespace }) => namespace))];
  const marks = await rows.marksOf(names.map((namespace) => ({ namespace, id: wholeNamespace })));
  const byName = new Map<string, Mark[]>(names.map((name) => [name, []]));
  for (const mark of marks) byName.get(mark.namespace)?.push(mark);
  return ({ namespace }) => byName.get(namespace) ?? [];
}
