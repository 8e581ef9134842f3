import type { Claim, Control, Heartbeat, Mark } from "../state/cutover/rows.ts";
import type { Timing } from "./timing.ts";

/** Known or not, after a call to a store. */
export type Outcome = "acknowledged" | "failed" | "unknown";

/**
 * The decisions of the protocol, each a predicate (docs/cutover-protocol.md names the rule of each). They stand in one table
 * so that the simulator can switch each off and see that an acknowledged write is lost.
 */
export interface Guards {
  /** Whether another store is kept in step with the leader. */
  isFollowed(): boolean;
  /** Rule 1: whether writes are marked. */
  isRecording(control: Control): boolean;
  /** Rule 1: writes wait during a hold. */
  queuesInHold(control: Control): boolean;
  /** Rule 1: a write waits behind queued writes to its key. */
  queuesBehind(hasQueued: boolean): boolean;
  /** Rule 1: a write may wait for a leader that is down once every process marks its writes. */
  queuesForLeader(control: Control, isLeaderDown: boolean): boolean;
  /** Rule 2: what repeats a write that may still land is queued behind it, or not done. */
  retryOnlyQueues(): boolean;
  /** A mark whose write will not reach the leader any more. */
  isFinished(mark: Mark, now: number): boolean;
  /** Rule 3: one live claim for each key. */
  mayClaim(claim: Claim | undefined, now: number): boolean;
  /** Rule 3: a result is recorded only by the owner of a live claim. */
  ownsClaim(claim: Claim | undefined, owner: string, now: number): boolean;
  /** Rule 3: after an unknown outcome a claim expires; a known one releases it. */
  releasesClaim(outcome: Outcome): boolean;
  /** Rule 4: the finished marks below the lowest unfinished open one. */
  notedBy(marks: readonly Mark[], now: number): Mark[];
  /** Rule 4 and 11: the follower is kept in step, but not in `source` without a hold. */
  mayCopy(control: Control): boolean;
  /** Rule 5: the queued mark of a key that is sent next; none while an open one is unfinished. */
  nextToApply(marks: readonly Mark[], now: number): Mark | undefined;
  /** Rule 5 and 8: nothing is applied during a hold. */
  mayApply(control: Control): boolean;
  /** Rules 6, 11, 12: every live process acts on this epoch. */
  isConfirmed(control: Control, heartbeats: readonly Heartbeat[], now: number): boolean;
  /** Rules 6, 11, 12: confirmed, and what was sent under an earlier epoch has landed. */
  isComplete(control: Control, now: number, timing: Timing): boolean;
  /** Rule 6: what the last `settle` dropped has landed. */
  hasDroppedLanded(control: Control, now: number): boolean;
  /** Rule 6: the target holds every record. */
  isLevel(control: Control): boolean;
  /** Rule 8: the operations that the new leader lacks, in order, unknown ones among them. */
  takenOver(marks: readonly Mark[], now: number): Mark[];
  /** Rule 8: a flip waits for unfinished open marks, live claims, and marks that the new leader lacks. */
  flipWaitsForOpen(hasUnfinished: boolean): boolean;
  flipWaitsForClaims(hasLive: boolean): boolean;
  flipWaitsForMarks(hasUntagged: boolean): boolean;
  /** Rule 10: the leader changes only under a hold. */
  rollbackNeedsHold(control: Control): boolean;
  /** Rules 11, 12: `settle` and `finish` wait for queued writes. */
  endWaitsForQueued(hasQueued: boolean): boolean;
  /** A holder sends only while its lease has enough left for the write to land. */
  maySend(elapsedMs: number, leaseMs: number, timing: Timing): boolean;
  /** Rule 14: what a store lacks is younger than the bound. */
  isFresh(ageMs: number, timing: Timing): boolean;
  /** Rule 14: whether a store lacks a mark up to `after`. @param lacking the first mark that it lacks */
  lacksUpTo(after: number, lastSequence: number, lacking: number | undefined): boolean;
  /** Rule 14: reads stay on the source, fresh or not. */
  staysOnSource(control: Control): boolean;
  /** Rule 16: a write to a whole namespace waits, which it may once every process marks its writes. */
  mayQueueNamespace(control: Control): boolean;
  /** Rule 16: a write to a whole namespace is queued, whether or not others of the namespace are. */
  queuesNamespace(hasQueued: boolean): boolean;
  /** Rule 16: a write waits behind the queued mark of its namespace. */
  queuesBehindNamespace(hasQueued: boolean): boolean;
  /** Rule 16: the mark of a namespace waits for the writes before it. */
  namespaceWaits(isBusyBefore: boolean): boolean;
  /** Rule 16: nobody works on a namespace and on one of its records at the same time. */
  namespaceExcludes(hasLiveClaim: boolean): boolean;
  /** Rule 16: a mark is neither copied nor applied before an earlier one of its namespace. */
  isBehindNamespace(mark: Mark, whole: Mark): boolean;
  /** Rule 16: the mark of a namespace, once copied, takes along the marks before it. */
  undoesEarlier(): boolean;
  /** Rule 16: the next leader gets nothing that the namespace's mark has undone. */
  isUndoneBy(mark: Mark, whole: Mark): boolean;
}

export const standardGuards: Guards = {
  isFollowed: () => true,
  isRecording: (control) => control.isRecording,
  queuesInHold: (control) => control.hold !== undefined,
  queuesBehind: (hasQueued) => hasQueued,
  queuesForLeader: (control, isLeaderDown) => control.isStartComplete && isLeaderDown,
  retryOnlyQueues: () => true,
  isFinished: (mark, now) => mark.status === "settled" || (mark.status === "open" && mark.lease <= now),
  mayClaim: (claim, now) => claim === undefined || claim.expires <= now,
  ownsClaim: (claim, owner, now) => claim !== undefined && claim.owner === owner && claim.expires > now,
  releasesClaim: (outcome) => outcome !== "unknown",
  notedBy(marks, now) {
    const lowest = marks.find((mark) => mark.status === "open" && !this.isFinished(mark, now));
    return marks.filter(
      (mark) => this.isFinished(mark, now) && (lowest === undefined || mark.sequence < lowest.sequence),
    );
  },
  mayCopy: ({ stage, hold, isRecording }) => isRecording && (stage !== "source" || hold !== undefined),
  nextToApply(marks, now) {
    if (marks.some((mark) => mark.status === "open" && !this.isFinished(mark, now))) return undefined;
    return marks.find(({ status }) => status === "queued");
  },
  mayApply: ({ hold, isRecording }) => isRecording && hold === undefined,
  isConfirmed: (control, heartbeats, now) =>
    heartbeats.every(({ epoch, expires }) => expires <= now || epoch >= control.epoch),
  isComplete: ({ confirmedAt }, now, { landingMs }) =>
    confirmedAt !== undefined && now >= confirmedAt + landingMs,
  hasDroppedLanded: ({ droppedUntil }, now) => now >= droppedUntil,
  isLevel: ({ level }) => level === "level",
  takenOver(marks, now) {
    return marks.filter((mark) => this.isFinished(mark, now));
  },
  flipWaitsForOpen: (hasUnfinished) => hasUnfinished,
  flipWaitsForClaims: (hasLive) => hasLive,
  flipWaitsForMarks: (hasUntagged) => hasUntagged,
  rollbackNeedsHold: ({ leader }) => leader === "target",
  endWaitsForQueued: (hasQueued) => hasQueued,
  maySend: (elapsedMs, leaseMs, { landingMs, clockErrorMs }) =>
    elapsedMs <= leaseMs - landingMs - clockErrorMs,
  isFresh: (ageMs, { clockErrorMs, readBoundMs }) => ageMs + clockErrorMs < readBoundMs,
  lacksUpTo: (after, lastSequence, lacking) =>
    lastSequence < after || (lacking !== undefined && lacking <= after),
  staysOnSource: ({ hold }) => hold?.to === "source",
  mayQueueNamespace: ({ isStartComplete }) => isStartComplete,
  queuesNamespace: () => true,
  queuesBehindNamespace: (hasQueued) => hasQueued,
  namespaceWaits: (isBusyBefore) => isBusyBefore,
  namespaceExcludes: (hasLiveClaim) => hasLiveClaim,
  isBehindNamespace: (mark, whole) => whole.sequence < mark.sequence,
  undoesEarlier: () => true,
  isUndoneBy: (mark, whole) => whole.status === "settled" && mark.sequence < whole.sequence,
};

/**
 * One store with a queue for its outages, and no second store: every write is marked from the beginning, so that no
 * start is needed, and nothing is copied.
 */
export const loneGuards: Guards = {
  ...standardGuards,
  isFollowed: () => false,
  isRecording: () => true,
  queuesForLeader: (_control, isLeaderDown) => isLeaderDown,
  mayCopy: () => false,
  mayApply: () => true,
  mayQueueNamespace: () => true,
  queuesNamespace: (hasQueued) => hasQueued,
};
