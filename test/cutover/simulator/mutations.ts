import { Grouped } from "../../../src/cutover/grouped.ts";
import { type Guards, standardGuards } from "../../../src/cutover/guards.ts";
import { type CutoverParts, leaseOf } from "../../../src/cutover/parts.ts";
import { isWhole } from "../../../src/cutover/rules/namespace.ts";
import { keyText } from "../../../src/cutover/rules/protocol.ts";
import { begin, type KeyedWrite } from "../../../src/cutover/rules/write.ts";
import { groupedLedger, type WriteLedger } from "../../../src/cutover/write.ts";
import type { Control, CutoverRows } from "../../../src/state/cutover/rows.ts";
import type { MemoryRows } from "./memory-rows.ts";
import { LostError } from "./state.ts";

/** What is different in a run in which one rule of the protocol is off. */
export interface Mutation {
  readonly guards?: Partial<Guards>;
  /** Keys with a live claim are offered again. */
  readonly offersClaimed?: boolean;
  /** Keys behind the mark of their namespace are offered too. */
  readonly offersBehind?: boolean;
  /** The client of a store repeats a call whose outcome is unknown. */
  readonly clientRetries?: number;
  /** A write reads who leads from what its process knows, before its transaction. */
  readonly readsStageOutside?: boolean;
  /** A copy removes every mark of its key. */
  readonly removesEveryMark?: boolean;
  /** What the transactions of a process see and do differently. */
  readonly sees?: (rows: CutoverRows) => CutoverRows;
  /** A later heartbeat extends the time of a write that was decided before it. */
  readonly extendsPermits?: boolean;
  /** Catch-up writes the target itself. */
  readonly copiesWithoutMarks?: boolean;
  /** Open marks of one store are kept when their lease is over. */
  readonly keepsExpired?: boolean;
  /** How the writes of a process share their transactions. */
  readonly ledger?: (parts: CutoverParts) => WriteLedger;
}

/** A heartbeat reports the epoch that it learns, and not the one that the process acts on. */
function reportLearntEpoch(rows: CutoverRows): CutoverRows {
  return withRows(rows, {
    saveHeartbeat: async (beat) => rows.saveHeartbeat({ ...beat, epoch: (await rows.control()).epoch }),
  });
}

/** An open mark counts only once it is finished. */
function overlookOpenMarks(rows: CutoverRows): CutoverRows {
  return withRows(rows, {
    hasUntagged: async (tag) => (rows as MemoryRows).hasUntagged(tag, await rows.now()),
  });
}

type LeasedWrite = Awaited<ReturnType<WriteLedger["begin"]>>;

/** What a group does differently. */
interface GroupFault {
  /** Every caller gets the marks of the first one. */
  readonly sharesMarks?: boolean;
  /** A group whose transaction may have been committed counts as not written. */
  readonly forgetsLostAnswers?: boolean;
  /** A caller takes its marks for removed if the group has removed any. */
  readonly sharesFailures?: boolean;
}

function faultyLedger({ sharesMarks, forgetsLostAnswers, sharesFailures }: GroupFault) {
  return (parts: CutoverParts): WriteLedger => {
    const beginning = (isLeaderDown: boolean) =>
      new Grouped<KeyedWrite, LeasedWrite, LeasedWrite>({
        run: async (writes) => {
          try {
            const { protocol, maySend } = leaseOf(parts, parts.protocol.timing.markLeaseMs);
            return { ...(await begin(protocol, writes, { isLeaderDown })), maySend };
          } catch (error) {
            throw forgetsLostAnswers && error instanceof LostError ? new LostError(false) : error;
          }
        },
        resultOf: ({ marks, ...begun }, start, count) => ({
          ...begun,
          marks: sharesMarks ? marks?.slice(0, count) : marks?.slice(start, start + count),
        }),
        keyOf: keyText,
      });
    const [toLeader, toQueue] = [beginning(false), beginning(true)];
    const grouped = groupedLedger(parts);
    return {
      ...grouped,
      fail: async (marks) => {
        const removed = await grouped.fail(marks);
        const hasOwn = sharesFailures && removed.size > 0;
        return hasOwn ? new Set(marks.map(({ sequence }) => sequence)) : removed;
      },
      begin: (writes, isLeaderDown) =>
        writes.some(isWhole)
          ? grouped.begin(writes, isLeaderDown)
          : (isLeaderDown ? toQueue : toLeader).call(writes),
    };
  };
}

/** What waits in the queue is answered before its transaction was committed. */
function answersEarly(parts: CutoverParts): WriteLedger {
  const grouped = groupedLedger(parts);
  return {
    ...grouped,
    begin: async (writes, isLeaderDown, room) => {
      const begun = grouped.begin(writes, isLeaderDown, room);
      if (!isLeaderDown || writes.some(isWhole)) return await begun;
      begun.catch(() => {});
      const marks = writes.map(({ namespace, id }) => ({ namespace, id, sequence: 0, isQueued: true }));
      return { epoch: 0, leader: "source", marks, maySend: () => true };
    },
  };
}

/** Each rule of the protocol, switched off singly. */
export const mutations = {
  claim: { guards: { mayClaim: () => true }, offersClaimed: true },
  "queue behind queued": { guards: { queuesBehind: () => false } },
  "marks during rollback": {
    guards: { isRecording: ({ stage, hold, isRecording }) => isRecording && (stage !== "source" || !!hold) },
  },
  "wait at start": { guards: { isComplete: () => true } },
  "wait for what was dropped": { guards: { hasDroppedLanded: () => true } },
  "no retry after unknown": { clientRetries: 2 },
  level: { guards: { isLevel: ({ isStartComplete }: Control) => isStartComplete } },
  watermark: { guards: { isFresh: () => true } },
  "read after a write": { guards: { lacksUpTo: () => false } },
  "rollback stays on the source": { guards: { staysOnSource: () => false } },
  "stage read inside the transaction": { readsStageOutside: true },
  "remove only finished": { removesEveryMark: true },
  "lease over": { guards: { isFinished: ({ status }) => status !== "queued" } },
  "hold waits for open marks": { guards: { flipWaitsForOpen: () => false }, sees: overlookOpenMarks },
  "flip needs drained": { guards: { flipWaitsForMarks: () => false } },
  "takeover in order": {
    guards: { takenOver: (marks) => marks.filter(({ status }) => status !== "queued").reverse() },
  },
  "takeover with unknowns": {
    guards: { takenOver: (marks) => marks.filter(({ status }) => status === "settled") },
  },
  "first queued first": {
    guards: {
      nextToApply(marks, now) {
        if (marks.some((mark) => mark.status === "open" && !this.isFinished?.(mark, now))) return undefined;
        return marks.findLast(({ status }) => status === "queued");
      },
    },
  },
  "rollback holds": { guards: { rollbackNeedsHold: () => false } },
  "settle and finish wait for queued": { guards: { endWaitsForQueued: () => false } },
  "epoch acted on": { sees: reportLearntEpoch },
  "heartbeat before the decision": { extendsPermits: true },
  "catch-up by marks": { copiesWithoutMarks: true },
  "no copy in source": { guards: { mayCopy: ({ isRecording }) => isRecording } },
  "flip waits for claims": { guards: { flipWaitsForClaims: () => false } },
  "unknown lets the claim expire": { guards: { releasesClaim: () => true } },
  "lowest open mark": {
    guards: { notedBy: (marks, now) => marks.filter((mark) => standardGuards.isFinished(mark, now)) },
  },
  "clock margin": { guards: { maySend: (elapsedMs, leaseMs) => elapsedMs <= leaseMs } },
  "check at send time": { guards: { maySend: () => true } },
  "namespace after the start": { guards: { mayQueueNamespace: () => true } },
  "queue behind the namespace": { guards: { queuesBehindNamespace: () => false } },
  "namespace waits for its writes": { guards: { namespaceWaits: () => false } },
  "namespace claim": { guards: { namespaceExcludes: () => false } },
  "behind the namespace": { guards: { isBehindNamespace: () => false }, offersBehind: true },
  "namespace undoes earlier writes": { guards: { undoesEarlier: () => false } },
  "takeover without what is undone": { guards: { isUndoneBy: () => false } },
  "own part of a group": { ledger: faultyLedger({ sharesMarks: true }) },
  "a lost answer of a group": { ledger: faultyLedger({ forgetsLostAnswers: true }) },
  "own failures of a group": { ledger: faultyLedger({ sharesFailures: true }) },
  "a retry only queues": { guards: { retryOnlyQueues: () => false } },
  "commit before the answer": { ledger: answersEarly },
  "namespace behind queued writes": { guards: { queuesNamespace: () => false } },
  "forget what is over": { keepsExpired: true },
} satisfies Readonly<Record<string, Mutation>>;

export type RuleName = keyof typeof mutations;

export function guardsWith(mutation: Mutation | undefined, guards: Guards): Guards {
  return { ...guards, ...mutation?.guards };
}

/** Rows on which some methods differ. */
export function withRows(rows: CutoverRows, changed: Partial<CutoverRows>): CutoverRows {
  return new Proxy(rows, {
    get(target, name) {
      const own = (changed as Record<PropertyKey, unknown>)[name];
      if (own !== undefined) return own;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
