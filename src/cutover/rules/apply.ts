import type { CutoverRows, RecordKey, Side } from "../../state/cutover/rows.ts";
import { owned, takeClaims } from "./claim.ts";
import { isWhole, namespaceMarks } from "./namespace.ts";
import { groupByKey, keyText, type Protocol } from "./protocol.ts";

export interface QueuedWrite extends RecordKey {
  readonly sequence: number;
  readonly operation: string;
}

export interface ApplyWork {
  readonly leader: Side;
  /** At most one for each key. */
  readonly writes: readonly QueuedWrite[];
}

/** Rule 5: claims keys and names the first queued write of each. */
export function claimQueued(
  protocol: Protocol,
  owner: string,
  limit: number,
): Promise<ApplyWork | undefined> {
  return protocol.transaction(async (rows) => {
    const control = await rows.control();
    if (!protocol.guards.mayApply(control)) return undefined;
    const candidates = await rows.keysToApply(await rows.now(), limit);
    const next = await nextWrites(protocol, rows, candidates);
    const claimed = await takeClaims(protocol, rows, owner, next);
    if (claimed.length === 0) return undefined;
    return { leader: control.leader, writes: await withOperations(rows, claimed) };
  });
}

/**
 * Rule 5, success: the leader has these writes.
 * @returns the next writes of the same keys, whose claims go on; the other claims are released
 */
export function recordApplied(
  protocol: Protocol,
  owner: string,
  writes: readonly QueuedWrite[],
): Promise<QueuedWrite[]> {
  return protocol.transaction(async (rows) => {
    const own = await owned(protocol, rows, owner, writes);
    await rows.settleMarks(own.map(({ sequence }) => sequence));
    const next = protocol.guards.mayApply(await rows.control()) ? await nextWrites(protocol, rows, own) : [];
    const going = new Set(next.map(keyText));
    await rows.removeClaims(own.filter((write) => !going.has(keyText(write))));
    return withOperations(rows, next);
  });
}

/** The leader refuses this write for good. It is kept aside, so that the writes behind it go on. */
export function parkWrite(
  protocol: Protocol,
  owner: string,
  { namespace, id, sequence, operation }: QueuedWrite,
  reason: string,
): Promise<void> {
  return protocol.transaction(async (rows) => {
    const own = await owned(protocol, rows, owner, [{ namespace, id }]);
    if (own.length === 0) return;
    await rows.addParked({ namespace, id, sequence, operation, reason, parkedAt: await rows.now() });
    await rows.removeMarks([sequence]);
    await rows.removeClaims(own);
  });
}

async function nextWrites(
  { guards }: Protocol,
  rows: CutoverRows,
  keys: readonly RecordKey[],
): Promise<(RecordKey & { sequence: number })[]> {
  if (keys.length === 0) return [];
  const now = await rows.now();
  const marks = groupByKey(await rows.marksOf(keys));
  const wholes = await namespaceMarks(rows, keys);
  const found: (RecordKey & { sequence: number })[] = [];
  for (const { namespace, id } of keys) {
    const next = guards.nextToApply(marks.get(keyText({ namespace, id })) ?? [], now);
    if (next === undefined) continue;
    const { sequence } = next;
    const waits = isWhole(next)
      ? guards.namespaceWaits(await rows.isBusyBefore(namespace, sequence, now))
      : wholes(next).some((whole) => !guards.isFinished(whole, now) && guards.isBehindNamespace(next, whole));
    if (!waits) found.push({ namespace, id, sequence });
  }
  return found;
}

async function withOperations(
  rows: CutoverRows,
  writes: readonly (RecordKey & { sequence: number })[],
): Promise<QueuedWrite[]> {
  if (writes.length === 0) return [];
  const operations = await rows.operationsOf(writes.map(({ sequence }) => sequence));
  return writes.map((write) => ({ ...write, operation: operations.get(write.sequence) ?? "" }));
}
