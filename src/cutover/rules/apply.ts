import type { CutoverRows, NewParkedWrite, RecordKey, Side } from "../../state/cutover/rows.ts";
import { owned, takeClaims } from "./claim.ts";
import { isWhole, marksAround } from "./namespace.ts";
import { keyText, type Protocol } from "./protocol.ts";
import { settle } from "./settle.ts";

export interface QueuedWrite extends RecordKey {
  readonly sequence: number;
  readonly operation: string;
}

export interface ApplyWork {
  readonly leader: Side;
  /** At most one for each key. */
  readonly writes: readonly QueuedWrite[];
  /** Damaged writes that were parked in passing. */
  readonly damaged: number;
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
    return { leader: control.leader, ...(await withOperations(rows, claimed)) };
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
): Promise<readonly QueuedWrite[]> {
  return protocol.transaction(async (rows) => {
    const own = await owned(protocol, rows, owner, writes);
    await settle(
      protocol,
      rows,
      own.map(({ sequence }) => sequence),
    );
    const next = protocol.guards.mayApply(await rows.control()) ? await nextWrites(protocol, rows, own) : [];
    const going = new Set(next.map(keyText));
    await rows.removeClaims(own.filter((write) => !going.has(keyText(write))));
    return (await withOperations(rows, next)).writes;
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
    await park(rows, { namespace, id, sequence, operation, reason });
    await rows.removeClaims(own);
  });
}

async function park(rows: CutoverRows, write: Omit<NewParkedWrite, "parkedAt">): Promise<void> {
  await rows.addParked({ ...write, parkedAt: await rows.now() });
  await rows.removeMarks([write.sequence]);
}

async function nextWrites(
  { guards }: Protocol,
  rows: CutoverRows,
  keys: readonly RecordKey[],
): Promise<(RecordKey & { sequence: number })[]> {
  if (keys.length === 0) return [];
  const now = await rows.now();
  const marks = await marksAround(rows, keys);
  const found: (RecordKey & { sequence: number })[] = [];
  for (const { namespace, id } of keys) {
    const next = guards.nextToApply(marks.of({ namespace, id }), now);
    if (next === undefined) continue;
    const { sequence } = next;
    const waits = isWhole(next)
      ? guards.namespaceWaits(await rows.isBusyBefore(namespace, sequence, now))
      : marks
          .wholes(next)
          .some((whole) => !guards.isFinished(whole, now) && guards.isBehindNamespace(next, whole));
    if (!waits) found.push({ namespace, id, sequence });
  }
  return found;
}

/** The writes with their operations. A damaged one is parked and its claim given up: the next one follows later. */
async function withOperations(
  rows: CutoverRows,
  claimed: readonly (RecordKey & { sequence: number })[],
): Promise<Pick<ApplyWork, "writes" | "damaged">> {
  if (claimed.length === 0) return { writes: [], damaged: 0 };
  const operations = await rows.operationsOf(claimed.map(({ sequence }) => sequence));
  const writes: QueuedWrite[] = [];
  for (const write of claimed) {
    const operation = operations.get(write.sequence);
    if (operation === undefined) {
      const [found] = await rows.queuedWrites(write.sequence - 1, 1);
      const text = found?.operation ?? "";
      await park(rows, { ...write, operation: text, reason: damagedReason, isDamaged: true });
      await rows.removeClaims([write]);
    } else writes.push({ ...write, operation });
  }
  return { writes, damaged: claimed.length - writes.length };
}

const damagedReason = "It is damaged: it differs from the write that was queued, and is not sent.";
