import type { CutoverRows, ParkedWrite, QueuedMark } from "../../state/cutover/rows.ts";
import { decodeOperation } from "../operation.ts";
import { isWhole } from "../rules/namespace.ts";
import type { Protocol } from "../rules/protocol.ts";

/** A write that waits, without its content. */
export interface QueuedSummary {
  /** Its number: lower ones of the same record are sent first. */
  readonly sequence: number;
  readonly namespace: string;
  /** Missing for a write to the whole namespace. */
  readonly id?: string;
  /** What it does: `document`, `record`, `change`, `delete`, `reset`, `deleteMatching`, `deleteNamespace`; `""` if damaged. */
  readonly operation: string;
  readonly since: Date;
  /** Failed attempts in a row. */
  readonly attempts: number;
  /** Why the last attempt failed, or why it is parked; `""` before the first attempt. */
  readonly reason: string;
  readonly isDamaged: boolean;
}

export interface QueueStatus {
  readonly waiting: number;
  readonly oldest: QueuedSummary | undefined;
  /** Writes that the store refused for good, or that are damaged: they block no others. The first 1,000. */
  readonly parked: readonly QueuedSummary[];
  readonly parkedCount: number;
  /** Size of all operations that wait or are parked. */
  readonly bytes: number;
  /** Waiting and parked writes that are not what was queued: they are never sent. */
  readonly damaged: readonly number[];
}

const mostListed = 1_000;

/** Waiting writes that are read at a time, to look for damaged ones. */
const page = 500;

/** @throws {StateError} */
export function queueStatus({ transaction }: Protocol): Promise<QueueStatus> {
  return transaction(
    async (rows) => {
      const parked = await parkedSummaries(rows);
      const [first] = await rows.queuedWrites(0, 1);
      const [claim] = first ? await rows.claimsOf([first]) : [];
      return {
        waiting: (await rows.countMarks()).queued,
        oldest: first && summaryOf(first, first.opened, claim),
        parked,
        parkedCount: await rows.countParked(),
        bytes: await rows.queuedBytes(),
        damaged: [
          ...parked.filter(({ isDamaged }) => isDamaged).map(({ sequence }) => sequence),
          ...(await damagedQueued(rows)),
        ].sort((left, right) => left - right),
      };
    },
    { readOnly: true },
  );
}

/** @throws {StateError} */
export function hasQueued({ transaction }: Protocol): Promise<boolean> {
  return transaction(async (rows) => rows.hasQueued(), { readOnly: true });
}

async function parkedSummaries(rows: CutoverRows): Promise<QueuedSummary[]> {
  const summaries: QueuedSummary[] = [];
  while (summaries.length < mostListed) {
    const from = (summaries.at(-1)?.sequence ?? -1) + 1;
    const parked = await rows.parked(mostListed - summaries.length, from);
    if (parked.length === 0) break;
    for (const write of parked) {
      summaries.push(summaryOf(write, write.parkedAt, { attempts: 1, reason: write.reason }));
    }
  }
  return summaries;
}

async function damagedQueued(rows: CutoverRows): Promise<number[]> {
  const damaged: number[] = [];
  for (let after = 0; ; ) {
    const writes = await rows.queuedWrites(after, page);
    if (writes.length === 0) return damaged;
    damaged.push(...writes.filter(({ isDamaged }) => isDamaged).map(({ sequence }) => sequence));
    after = writes.at(-1)?.sequence ?? after;
  }
}

function summaryOf(
  write: QueuedMark | ParkedWrite,
  since: number,
  { attempts = 0, reason = "" }: { readonly attempts?: number; readonly reason?: string } = {},
): QueuedSummary {
  const { sequence, namespace, id, operation, isDamaged } = write;
  return {
    sequence,
    namespace,
    ...(!isWhole(write) && { id }),
    operation: isDamaged ? "" : (decodeOperation(operation)?.kind ?? ""),
    since: new Date(since),
    attempts,
    reason,
    isDamaged,
  };
}
