import type { RecordKey, Side } from "../../state/cutover/rows.ts";
import { owned, takeClaims } from "./claim.ts";
import { isWhole, marksAround } from "./namespace.ts";
import type { Protocol } from "./protocol.ts";

export interface KeyToCopy extends RecordKey {
  /** The marks that a copy made from now on covers. */
  readonly sequences: readonly number[];
}

export interface CopyWork {
  /** Who is read; the other side is written. */
  readonly leader: Side;
  readonly keys: readonly KeyToCopy[];
}

/**
 * Rule 4, first half: claims keys and notes their finished marks. The leader is read only after this commits, so
 * that the copy holds what the noted marks wrote. Rule 16: the follower empties a namespace before it gets a record
 * that was written to it later.
 */
export function claimCopies(protocol: Protocol, owner: string, limit: number): Promise<CopyWork | undefined> {
  const { transaction, guards } = protocol;
  return transaction(async (rows) => {
    const control = await rows.control();
    if (!guards.mayCopy(control)) return undefined;
    const now = await rows.now();
    const candidates = await rows.keysToCopy(now, limit);
    if (candidates.length === 0) return undefined;
    const marks = await marksAround(rows, candidates);
    const keys = candidates
      .map(({ namespace, id }): KeyToCopy => {
        const noted = guards
          .notedBy(marks.of({ namespace, id }), now)
          .filter(
            (mark) =>
              isWhole(mark) ||
              !marks
                .wholes(mark)
                .some((one) => one.status === "settled" && guards.isBehindNamespace(mark, one)),
          );
        return { namespace, id, sequences: noted.map(({ sequence }) => sequence) };
      })
      .filter(({ sequences }) => sequences.length > 0);
    return { leader: control.leader, keys: await takeClaims(protocol, rows, owner, keys) };
  });
}

/**
 * Rule 4, second half: the follower has the copies. Removes exactly the noted marks, and the claims. Rule 16: the mark
 * of a namespace takes the marks before it along, because it has undone what they wrote.
 */
export function recordCopies(protocol: Protocol, owner: string, keys: readonly KeyToCopy[]): Promise<void> {
  const { guards } = protocol;
  return protocol.transaction(async (rows) => {
    const own = await owned(protocol, rows, owner, keys);
    await rows.removeMarks(own.flatMap(({ sequences }) => sequences));
    for (const { namespace, sequences } of own.filter(isWhole)) {
      const last = sequences.at(-1);
      if (last !== undefined && guards.undoesEarlier()) await rows.removeMarksUpTo(namespace, last);
    }
    await rows.removeClaims(own);
  });
}
