import { ServiceFaultError } from "../foundation/errors.ts";
import type { StoreRecord } from "../store/document.ts";
import { decodeOperation } from "./operation.ts";
import { type CutoverParts, otherSide } from "./parts.ts";
import type { CopyWork, KeyToCopy } from "./rules/copy.ts";
import { isWhole, marksAround } from "./rules/namespace.ts";
import { isLoss } from "./watch/lost-records.ts";

/** A copy of what a store does not hold deletes, and is right unless a write has put it there. */
const deletingKinds: ReadonlySet<string | undefined> = new Set([
  "delete",
  "deleteMatching",
  "reset",
  "change",
]);

/**
 * Refuses a leader that was emptied behind the protocol: copies would delete what only the follower still holds. Such
 * a leader lacks a record that a write has put there, and most records of that namespace besides.
 *
 * @param records of the leader
 * @throws {ServiceFaultError} if the leader has lost its records
 * @throws if a store cannot be read
 */
export async function requireWholeLeader(
  { protocol, replicas }: CutoverParts,
  { leader, keys }: CopyWork,
  records: ReadonlyMap<KeyToCopy, StoreRecord | undefined>,
): Promise<void> {
  const absent = keys.filter((key) => !isWhole(key) && records.get(key) === undefined);
  if (absent.length === 0) return;
  const { suspects, underWay } = await protocol.transaction(
    async (rows) => {
      const last = absent.map(({ sequences }) => sequences.at(-1) as number);
      const operations = await rows.operationsOf(last);
      const { wholes } = await marksAround(rows, absent);
      const { open, settled, queued, touches } = await rows.countMarks();
      const { level } = await rows.control();
      return {
        suspects: absent.filter((key, place) => {
          const kind = decodeOperation(operations.get(last[place] as number) ?? "")?.kind;
          return !deletingKinds.has(kind) && wholes(key).length === 0;
        }),
        // At the start, touches delete what only the target holds.
        underWay: open + settled + queued - (level === "level" ? touches : 0),
      };
    },
    { readOnly: true },
  );
  for (const namespace of new Set(suspects.map((key) => key.namespace))) {
    const [held, others] = await Promise.all([
      replicas[leader].count(namespace),
      replicas[otherSide(leader)].count(namespace),
    ]);
    if (!isLoss(held, others, underWay)) continue;
    const { name } = replicas[leader];
    throw new ServiceFaultError(
      name,
      `It has lost its records: it holds ${held}, and the other store ${others}. Nothing is copied from it.`,
    );
  }
}
