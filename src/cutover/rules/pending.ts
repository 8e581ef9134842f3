import type { RecordKey } from "../../state/cutover/rows.ts";
import { keyText, type Protocol } from "./protocol.ts";

/** Rule 16: the keys of a namespace that have marks. */
export function keysWithMarks({ transaction }: Protocol, namespace: string): Promise<RecordKey[]> {
  return transaction(async (rows) => rows.keysWithMarks(namespace), { readOnly: true });
}

/**
 * Rule 16: the writes to these keys that their leader lacks, in order, as JSON.
 * @returns by `keyText`; keys without such writes are absent
 */
export function queuedOperations(
  { transaction }: Protocol,
  keys: readonly RecordKey[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  return transaction(
    async (rows) => {
      const queued = (await rows.marksOf(keys)).filter(({ status }) => status === "queued");
      const operations = await rows.operationsOf(queued.map(({ sequence }) => sequence));
      const byKey = new Map<string, string[]>();
      for (const mark of queued) {
        const key = keyText(mark);
        byKey.set(key, [...(byKey.get(key) ?? []), operations.get(mark.sequence) ?? ""]);
      }
      return byKey;
    },
    { readOnly: true },
  );
}
