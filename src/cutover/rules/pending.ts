import { keyText, type Protocol } from "./protocol.ts";

export interface PendingKey {
  readonly id: string;
  /** Its queued writes, in order, as JSON. */
  readonly operations: readonly string[];
}

/** Rule 16: the keys of a namespace that have marks, with the writes that their leader lacks. */
export function keysWithMarks({ transaction }: Protocol, namespace: string): Promise<PendingKey[]> {
  return transaction(
    async (rows) => {
      const keys = await rows.keysWithMarks(namespace);
      const queued = (await rows.marksOf(keys)).filter(({ status }) => status === "queued");
      const operations = await rows.operationsOf(queued.map(({ sequence }) => sequence));
      const byKey = new Map<string, string[]>(keys.map((key) => [keyText(key), []]));
      for (const mark of queued) byKey.get(keyText(mark))?.push(operations.get(mark.sequence) ?? "");
      return keys.map((key) => ({ id: key.id, operations: byKey.get(keyText(key)) ?? [] }));
    },
    { readOnly: true },
  );
}
