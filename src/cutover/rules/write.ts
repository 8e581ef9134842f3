import { QueueFullError } from "../../foundation/errors.ts";
import type { CutoverRows, Mark, NewMark, RecordKey, Side } from "../../state/cutover/rows.ts";
import { isWhole, marksAround } from "./namespace.ts";
import type { Protocol } from "./protocol.ts";
import { settle } from "./settle.ts";

/** A write to one key; no two of one request name the same key. */
export interface KeyedWrite extends RecordKey {
  /** As JSON. */
  readonly operation: string;
}

export interface BegunMark extends RecordKey {
  readonly sequence: number;
  readonly isQueued: boolean;
}

/** A bound on what waits. */
export interface QueueRoom {
  /** Of all operations that are queued or parked. */
  readonly maximumBytes: number;
  /** Of later writes of the same request, so that it is queued whole or not at all. */
  readonly bytesToCome: number;
}

export interface BeginOptions {
  /** The leader does not answer. */
  readonly isLeaderDown?: boolean;
  readonly room?: QueueRoom | undefined;
}

/** Above every sequence, and every time. */
const endless = Number.MAX_SAFE_INTEGER;

/** Where the writes go. Without marks the write is sent on its own, under rule 13. */
export interface Begun {
  readonly leader: Side;
  readonly epoch: number;
  /** In the order of the request; `undefined` while writes are not marked. */
  readonly marks: readonly BegunMark[] | undefined;
  /** Nothing was begun: a whole namespace cannot be written before the start is complete. */
  readonly isTooEarly?: true;
}

/**
 * Rule 1. The leader is read, and the marks are made, in the same transaction. Rule 16: the write to a whole namespace
 * is queued, and later writes to the namespace wait behind it.
 *
 * @throws {QueueFullError} if the writes would be queued and there is no room; then nothing was begun
 */
export function begin(
  { transaction, guards, timing }: Protocol,
  writes: readonly KeyedWrite[],
  { isLeaderDown = false, room }: BeginOptions = {},
): Promise<Begun> {
  return transaction(
    async (rows) => {
      const control = await rows.control();
      const { leader, epoch } = control;
      if (!guards.isRecording(control)) return { leader, epoch, marks: undefined };
      if (writes.some(isWhole) && !guards.mayQueueNamespace(control)) {
        return { leader, epoch, marks: undefined, isTooEarly: true };
      }
      const waits = guards.queuesInHold(control) || guards.queuesForLeader(control, isLeaderDown);
      const present = await marksAround(rows, writes);
      const isQueuedMark = ({ status }: Mark) => status === "queued";
      const [whole] = writes.filter(isWhole);
      const hasQueued = whole !== undefined && (await rows.isBusyBefore(whole.namespace, endless, endless));
      const opened = await rows.now();
      const first = await rows.takeSequences(writes.length);
      const marks = writes.map(({ namespace, id, operation }, place): NewMark => {
        const others = present.of({ namespace, id });
        const isQueued =
          waits ||
          (isWhole({ namespace, id }) && guards.queuesNamespace(hasQueued)) ||
          guards.queuesBehind(others.some(isQueuedMark)) ||
          guards.queuesBehindNamespace(present.wholes({ namespace, id }).some(isQueuedMark));
        return {
          sequence: first + place,
          namespace,
          id,
          // A store that nobody follows gets an open write from the process that sends it, or not at all.
          operation: isQueued || guards.isFollowed() ? operation : "",
          status: isQueued ? "queued" : "open",
          isTouch: false,
          lease: opened + timing.markLeaseMs,
          opened,
          tag: "",
        };
      });
      const queued = marks.filter(isQueuedMark);
      if (room && queued.length > 0) await requireRoom(rows, queued, room);
      await rows.addMarks(marks);
      return {
        leader,
        epoch,
        marks: marks.map(({ sequence, namespace, id, status }) => ({
          sequence,
          namespace,
          id,
          isQueued: status === "queued",
        })),
      };
    },
    // A write takes no space that is needed to send what waits, or to roll back.
    { reserve: isLeaderDown ? "keep" : "none" },
  );
}

async function requireRoom(
  rows: CutoverRows,
  queued: readonly NewMark[],
  { maximumBytes, bytesToCome }: QueueRoom,
): Promise<void> {
  const bytes = queued.reduce((sum, { operation }) => sum + Buffer.byteLength(operation), 0);
  if ((await rows.queuedBytes()) + bytes + bytesToCome <= maximumBytes) return;
  throw new QueueFullError(`The queue of writes has no room for it: it takes ${maximumBytes} bytes.`, {
    hint: "Wait until the index is back (ragfood queue drain), or raise WRITE_QUEUE_MB.",
  });
}

/** Rule 2, acknowledged: the leader has these writes. */
export function settleWrites(protocol: Protocol, sequences: readonly number[]): Promise<void> {
  return protocol.transaction((rows) => settle(protocol, rows, sequences));
}

/**
 * Rule 2, failed for certain: removes the marks whose lease still runs. Another process may carry on with a mark
 * whose lease is over.
 *
 * @returns the sequences that were removed; the outcome of the others is unknown
 */
export function failWrites(
  { transaction, guards }: Protocol,
  marks: readonly BegunMark[],
): Promise<ReadonlySet<number>> {
  return transaction(async (rows) => {
    const now = await rows.now();
    const named = new Set(marks.map(({ sequence }) => sequence));
    const failed = (await rows.marksOf(marks))
      .filter((mark) => named.has(mark.sequence) && mark.status === "open" && !guards.isFinished(mark, now))
      .map(({ sequence }) => sequence);
    await rows.removeMarks(failed);
    return new Set(failed);
  });
}
