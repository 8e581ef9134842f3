import { Claims, idle, type WorkReport } from "./claimed-work.ts";
import { decodeOperation, type Operation } from "./operation.ts";
import type { CutoverParts } from "./parts.ts";
import { claimQueued, parkWrite, recordApplied } from "./rules/apply.ts";

/**
 * Rule 5: sends queued writes of up to `limit` keys to the leader, in the order of each key; several for a key
 * while the claims last. @throws {StateError}
 */
export async function applyOnce(parts: CutoverParts, limit: number): Promise<WorkReport> {
  const { protocol, replicas } = parts;
  const claims = new Claims(parts);
  const work = await claimQueued(protocol, claims.owner, limit);
  if (work === undefined) return idle;
  await claims.send({
    replica: replicas[work.leader],
    items: work.writes,
    operationOf: ({ operation }) => decodeOperation(operation) as Operation,
    onAcknowledged: (writes) => recordApplied(protocol, claims.owner, writes),
    onRefused: (queued, reason) => parkWrite(protocol, claims.owner, queued, reason),
  });
  return claims.report;
}
