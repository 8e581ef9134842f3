import { NotFoundError } from "../foundation/errors.ts";
import { Claims, idle, messageOf, type WorkReport } from "./claimed-work.ts";
import { decodeOperation, type Operation } from "./operation.ts";
import type { CutoverParts } from "./parts.ts";
import { claimQueued, parkWrite, type QueuedWrite, recordApplied } from "./rules/apply.ts";

/**
 * Rule 5: sends queued writes of up to `limit` keys to the leader, in the order of each key; several for a key
 * while the claims last. @throws {StateError}
 */
export async function applyOnce(parts: CutoverParts, limit: number): Promise<WorkReport> {
  const { protocol, replicas } = parts;
  const claims = new Claims(parts);
  const work = await claims.take((leased, owner) => claimQueued(leased, owner, limit));
  if (work === undefined) return idle;
  claims.report.parked += work.damaged;
  await claims.send({
    replica: replicas[work.leader],
    items: work.writes,
    operationOf: ({ operation }) => decodeOperation(operation) as Operation,
    onAcknowledged: (writes) => recordApplied(protocol, claims.owner, writes),
    onRefused: async (queued, error) => {
      if (isDoneAlready(queued, error)) {
        await recordApplied(protocol, claims.owner, [queued]);
        claims.report.done++;
      } else {
        await parkWrite(protocol, claims.owner, queued, messageOf(error));
        claims.report.parked++;
      }
    },
  });
  return claims.report;
}

/** An earlier attempt may have deleted the namespace, and its answer was lost. */
function isDoneAlready({ operation }: QueuedWrite, error: Error | undefined): boolean {
  return error instanceof NotFoundError && decodeOperation(operation)?.kind === "deleteNamespace";
}
