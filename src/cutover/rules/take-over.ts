import type { Mark, RecordKey, Side } from "../../state/cutover/rows.ts";
import { owned, takeClaims } from "./claim.ts";
import { isWhole, marksAround } from "./namespace.ts";
import type { Protocol } from "./protocol.ts";

export interface KeyToTakeOver extends RecordKey {
  readonly sequences: readonly number[];
  /** In the order in which they apply; without touches, and without what a mark of the namespace has undone. */
  readonly operations: readonly string[];
}

export interface TakeoverWork {
  readonly holdId: string;
  /** The new leader, which is read and written. */
  readonly to: Side;
  readonly keys: readonly KeyToTakeOver[];
}

/** Rule 8 with an unreadable leader: claims keys whose operations the new leader may lack. */
export function claimTakeovers(
  protocol: Protocol,
  owner: string,
  limit: number,
): Promise<TakeoverWork | undefined> {
  const { transaction, guards } = protocol;
  return transaction(async (rows) => {
    const { hold } = await rows.control();
    if (hold === undefined) return undefined;
    const now = await rows.now();
    if (guards.flipWaitsForOpen(await rows.hasUnfinishedOpen(now))) return undefined;
    const candidates = await rows.keysToTakeOver(hold.id, now, limit);
    if (candidates.length === 0) return undefined;
    const { of, wholes } = await marksAround(rows, candidates);
    // Rule 16: a namespace is emptied first.
    const isLeading = (key: RecordKey) =>
      isWhole(key) || !wholes(key).some(({ status, tag }) => status !== "queued" && tag !== hold.id);
    const claimed = await takeClaims(protocol, rows, owner, candidates.filter(isLeading));
    const taken = claimed.map(({ namespace, id }) => ({
      namespace,
      id,
      marks: guards.takenOver(of({ namespace, id }), now),
    }));
    const isDue = (mark: Mark) =>
      !mark.isTouch && (isWhole(mark) || !wholes(mark).some((whole) => guards.isUndoneBy(mark, whole)));
    const operations = await rows.operationsOf(
      taken.flatMap((key) => key.marks.filter(isDue).map(({ sequence }) => sequence)),
    );
    return {
      holdId: hold.id,
      to: hold.to,
      keys: taken.map((key) => ({
        namespace: key.namespace,
        id: key.id,
        sequences: key.marks.map(({ sequence }) => sequence),
        operations: key.marks.flatMap(({ sequence }) => operations.get(sequence) ?? []),
      })),
    };
  });
}

/** Rule 8: the new leader has these operations. The marks stay for the old one. */
export function recordTakeovers(
  protocol: Protocol,
  owner: string,
  holdId: string,
  keys: readonly KeyToTakeOver[],
): Promise<void> {
  return protocol.transaction(async (rows) => {
    const { hold } = await rows.control();
    const own = await owned(protocol, rows, owner, keys);
    if (hold?.id === holdId) {
      await rows.tagMarks(
        own.flatMap(({ sequences }) => sequences),
        holdId,
      );
    }
    await rows.removeClaims(own);
  });
}
