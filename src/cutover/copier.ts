import type { StoreRecord } from "../store/document.ts";
import { Claims, idle, type WorkReport } from "./claimed-work.ts";
import { lostLeader } from "./lost-leader.ts";
import { type CutoverParts, otherSide } from "./parts.ts";
import { copyOf, readRecords } from "./replica.ts";
import { claimCopies, type KeyToCopy, recordCopies } from "./rules/copy.ts";
import { isWhole } from "./rules/namespace.ts";

/** Rule 4: brings up to `limit` keys of the follower to the leader's state. @throws {StateError} */
export async function copyOnce(parts: CutoverParts, limit: number): Promise<WorkReport> {
  const { protocol, replicas } = parts;
  const claims = new Claims(parts);
  const work = await claims.take((leased, owner) => claimCopies(leased, owner, limit));
  if (work === undefined || work.keys.length === 0) return idle;
  let records: Map<KeyToCopy, StoreRecord | undefined>;
  try {
    const single = work.keys.filter((key) => !isWhole(key));
    records = await readRecords(replicas[work.leader], single);
  } catch (error) {
    await claims.unreadable(work.keys, work.leader, error);
    return claims.report;
  }
  const unreadable = await lostLeader(parts, work, records);
  if (unreadable) {
    await claims.unreadable(work.keys, unreadable.side, unreadable.error);
    return claims.report;
  }
  const replica = replicas[otherSide(work.leader)];
  await claims.send({
    replica,
    items: work.keys,
    operationOf: (key) => (isWhole(key) ? { kind: "reset" } : copyOf(replica, key.id, records.get(key))),
    onAcknowledged: async (keys) => {
      await recordCopies(protocol, claims.owner, keys);
      return undefined;
    },
  });
  return claims.report;
}
