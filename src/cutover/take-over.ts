import type { StoreRecord } from "../store/document.ts";
import { Claims, idle, type WorkReport } from "./claimed-work.ts";
import { applyOperation, decodeOperation, type Operation } from "./operation.ts";
import type { CutoverParts } from "./parts.ts";
import { copyOf, type Replica, readRecords } from "./replica.ts";
import { isWhole } from "./rules/namespace.ts";
import { claimTakeovers, type KeyToTakeOver, recordTakeovers } from "./rules/take-over.ts";

/**
 * Rule 8, for a leader that cannot be read: applies the operations of up to `limit` keys to the records of the new
 * leader, in memory, and writes each record once. @throws {StateError}
 */
export async function takeOverOnce(parts: CutoverParts, limit: number): Promise<WorkReport> {
  const { protocol, replicas } = parts;
  const claims = new Claims(parts);
  const work = await claims.take((leased, owner) => claimTakeovers(leased, owner, limit));
  if (work === undefined || work.keys.length === 0) return idle;
  const replica = replicas[work.to];
  let records: Map<KeyToTakeOver, StoreRecord | undefined>;
  try {
    const single = work.keys.filter((key) => !isWhole(key));
    records = await readRecords(replica, single);
  } catch (error) {
    await claims.unreadable(work.keys, work.to, error);
    return claims.report;
  }
  await claims.send({
    replica,
    items: work.keys,
    operationOf: (key) => finalOperation(replica, key, records.get(key)),
    onAcknowledged: async (keys) => {
      await recordTakeovers(protocol, claims.owner, work.holdId, keys);
      return undefined;
    },
  });
  return claims.report;
}

/** One write with the effect of all. */
function finalOperation(replica: Replica, key: KeyToTakeOver, record: StoreRecord | undefined): Operation {
  if (isWhole(key)) return { kind: "reset" };
  const operations = key.operations.map((text) => decodeOperation(text) as Operation);
  return copyOf(replica, key.id, operations.reduce<StoreRecord | undefined>(applyOperation, record));
}
