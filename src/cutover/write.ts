import { CancelledError } from "../foundation/errors.ts";
import type { Side } from "../state/cutover/rows.ts";
import { StateError } from "../state/state-error.ts";
import { Grouped } from "./grouped.ts";
import { encodeOperation, idOf, type Operation } from "./operation.ts";
import { type CutoverParts, type Lease, leaseOf } from "./parts.ts";
import type { Permit, Presence } from "./presence.ts";
import type { SendResult } from "./replica.ts";
import { isWhole } from "./rules/namespace.ts";
import { keyText } from "./rules/protocol.ts";
import {
  type Begun,
  type BegunMark,
  begin,
  failWrites,
  type KeyedWrite,
  type QueueRoom,
  settleWrites,
} from "./rules/write.ts";

/** Result of a write of several records: one outcome for those that were sent, and those that were queued. */
export interface WriteResult {
  /** Of the records that were sent; `undefined` if all were queued. */
  readonly sent: SendResult | undefined;
  /** Which store led. */
  readonly leader: Side;
  readonly queuedIds: readonly string[];
  /** The last sequence of the write: a read after it sees the write. `undefined` for a write without marks. */
  readonly sequence: number | undefined;
  /** Rule 16: nothing was done, because the start is not complete. Write the records one by one. */
  readonly isTooEarly?: true;
  /** Of a retry: it could not be queued, so that it was not done. */
  readonly isNotQueued?: true;
}

export interface WriteOptions {
  /** Queue the write if that is allowed: the leader does not answer. */
  readonly isLeaderDown?: boolean;
  /** It repeats a write that may still land: it goes to the queue, behind that one, or nowhere. */
  readonly isRetry?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly room?: QueueRoom;
  /** Runs after the answer: records that the leader has the writes. Default: not waited for. */
  readonly afterwards?: (work: () => Promise<void>) => void;
  /** Shares the transactions of a process among its writes. Default: each write has its own. */
  readonly ledger?: WriteLedger;
}

/** A write that was begun, with the lease of its marks. */
interface LeasedWrite extends Begun, Pick<Lease, "maySend"> {}

/** The two transactions of each marked write: rule 1 before it is sent, and rule 2 when its outcome is known. */
export interface WriteLedger {
  begin(writes: readonly KeyedWrite[], isLeaderDown: boolean, room?: QueueRoom): Promise<LeasedWrite>;
  settle(sequences: readonly number[]): Promise<void>;
  /** @returns the sequences that were removed; the outcome of the others is unknown */
  fail(marks: readonly BegunMark[]): Promise<ReadonlySet<number>>;
}

/** Writes that arrive together share their transactions. */
export function groupedLedger(parts: CutoverParts): WriteLedger {
  const plain = plainLedger(parts);
  const beginning = (isLeaderDown: boolean) =>
    new Grouped<KeyedWrite, LeasedWrite, LeasedWrite>({
      run: (writes) => plain.begin(writes, isLeaderDown),
      resultOf: ({ marks, ...begun }, start, count) => ({
        ...begun,
        marks: marks?.slice(start, start + count),
      }),
      keyOf: keyText,
    });
  const [toLeader, toQueue] = [beginning(false), beginning(true)];
  const settling = new Grouped<number, void, void>({
    run: (sequences) => plain.settle(sequences),
    resultOf: () => {},
  });
  const failing = new Grouped<BegunMark, ReadonlySet<number>, ReadonlySet<number>>({
    run: (marks) => plain.fail(marks),
    resultOf: (removed) => removed,
  });
  return {
    // Others would not see that they have to wait behind it, and each fails alone if there is no room.
    begin: (writes, isLeaderDown, room) =>
      room !== undefined || writes.some(isWhole)
        ? plain.begin(writes, isLeaderDown, room)
        : (isLeaderDown ? toQueue : toLeader).call(writes),
    settle: (sequences) => settling.call(sequences),
    fail: (marks) => failing.call(marks),
  };
}

function plainLedger(parts: CutoverParts): WriteLedger {
  return {
    begin: async (writes, isLeaderDown, room) => {
      const { protocol, maySend } = leaseOf(parts, parts.protocol.timing.markLeaseMs);
      return { ...(await begin(protocol, writes, { isLeaderDown, room })), maySend };
    },
    settle: (sequences) => settleWrites(parts.protocol, sequences),
    fail: (marks) => failWrites(parts.protocol, marks),
  };
}

/**
 * Rules 1, 2 and 13: writes records of one namespace, with operations of one kind and one for each id.
 * @throws {StateError} if the state store does not answer; with `mayHaveCommitted` the outcome is unknown
 */
export async function write(
  parts: CutoverParts,
  presence: Presence,
  namespace: string,
  operations: readonly Operation[],
  options: WriteOptions = {},
): Promise<WriteResult> {
  const permit = presence.act();
  try {
    const control = presence.view?.control;
    const { guards } = parts.protocol;
    const mayOnlyQueue = options.isRetry === true && guards.retryOnlyQueues();
    if (control && !mayOnlyQueue && !guards.isRecording(control)) {
      return await sendUnmarked(parts, permit, control.leader, namespace, operations);
    }
    return await writeMarked(parts, permit, namespace, operations, mayOnlyQueue, options);
  } finally {
    permit.release();
  }
}

async function writeMarked(
  parts: CutoverParts,
  permit: Permit,
  namespace: string,
  operations: readonly Operation[],
  mayOnlyQueue: boolean,
  {
    isLeaderDown = false,
    signal,
    room,
    afterwards = runInBackground,
    ledger = plainLedger(parts),
  }: WriteOptions,
): Promise<WriteResult> {
  const { replicas } = parts;
  const writes = operations.map((operation) => ({
    namespace,
    id: idOf(operation),
    operation: encodeOperation(operation),
  }));
  const { leader, marks, isTooEarly, maySend } = await ledger.begin(writes, isLeaderDown, room);
  if (isTooEarly) {
    const sent = notSent(new Error("The start of the cutover is not complete yet."));
    return { leader, queuedIds: [], sequence: undefined, sent, isTooEarly };
  }
  if (marks === undefined && mayOnlyQueue) {
    return { leader, queuedIds: [], sequence: undefined, sent: notSent(notQueued()), isNotQueued: true };
  }
  if (marks === undefined) return sendUnmarked(parts, permit, leader, namespace, operations);
  // From here on the marks say what is on its way.
  permit.release();
  const open = marks.filter(({ isQueued }) => !isQueued);
  const result = {
    leader,
    queuedIds: marks.filter(({ isQueued }) => isQueued).map(({ id }) => id),
    sequence: marks.at(-1)?.sequence,
  };
  if (open.length === 0) return { ...result, sent: undefined };
  if (mayOnlyQueue) {
    const sent = await failed(ledger, open, notSent(notQueued()));
    return { ...result, sent, ...(sent.outcome === "failed" && { isNotQueued: true }) };
  }
  if (signal?.aborted) return { ...result, sent: await failed(ledger, open, notSent(new CancelledError())) };
  const isOpen = new Set(open.map(({ id }) => id));
  // The check and the call are one step: nothing may come between them.
  const call = maySend()
    ? replicas[leader].send(
        namespace,
        operations.filter((operation) => isOpen.has(idOf(operation))),
      )
    : undefined;
  const sent = call ? await call : notSent(tooSlow());
  if (sent.outcome === "acknowledged") {
    afterwards(() => ledger.settle(open.map(({ sequence }) => sequence)));
    return { ...result, sent };
  }
  return { ...result, sent: sent.outcome === "failed" ? await failed(ledger, open, sent) : sent };
}

function tooSlow(): StateError {
  return new StateError("unavailable", "This process was too slow to send the write in time.", {
    hint: "The state store or this machine is overloaded. CUTOVER_SPARE_MS gives writes more time.",
  });
}

function notQueued(): Error {
  return new Error("The stage changed: writes are not queued any more.");
}

function notSent(error: Error): SendResult {
  return { outcome: "failed", count: 0, error };
}

/** Rule 2: "failed" only if no other process can carry on with a mark. */
async function failed(
  ledger: WriteLedger,
  open: readonly BegunMark[],
  sent: SendResult,
): Promise<SendResult> {
  try {
    const removed = await ledger.fail(open);
    if (open.every(({ sequence }) => removed.has(sequence))) return sent;
  } catch (error) {
    return { ...sent, outcome: "unknown", error: sent.error ?? (error as Error) };
  }
  return { ...sent, outcome: "unknown" };
}

/** Rule 13. */
async function sendUnmarked(
  { replicas }: CutoverParts,
  permit: Permit,
  leader: Side,
  namespace: string,
  operations: readonly Operation[],
): Promise<WriteResult> {
  const result = { leader, queuedIds: [], sequence: undefined };
  const call = permit.maySendUnmarked() ? replicas[leader].send(namespace, operations) : undefined;
  if (call === undefined) {
    return {
      ...result,
      sent: notSent(
        new StateError(
          "unavailable",
          "The stage of the cutover is not known: the state store does not answer.",
        ),
      ),
    };
  }
  return { ...result, sent: await call };
}

/** What fails here is made up for when the lease of the mark is over. */
function runInBackground(work: () => Promise<void>): void {
  work().catch(() => {});
}
