import type { NewIncident } from "../incidents.ts";

/** One of the two stores of a pair. */
export type Side = "source" | "target";

export const stages = ["source", "dual-write", "shadow-read", "canary", "target", "target-only"] as const;

/** How far the traffic of a pair of stores has moved (docs/cutover.md). */
export type Stage = (typeof stages)[number];

/** A short stop of writes, under which the leader changes: writes are queued until it ends. */
interface Hold {
  readonly id: string;
  /** The next leader. */
  readonly to: Side;
  /** The stage once it leads. */
  readonly stage: Stage;
  /** Milliseconds since 1970, by the state store's clock, as all times here. */
  readonly since: number;
}

/** The one row that decides who leads. */
export interface Control {
  readonly stage: Stage;
  readonly leader: Side;
  readonly hold: Hold | undefined;
  /** Grows with each change of stage, leader or hold. */
  readonly epoch: number;
  /** Each write is marked. Off before `start`, and again after `settle` and `finish`. */
  readonly isRecording: boolean;
  /** Every process marks its writes: each write on its way has a mark. */
  readonly isStartComplete: boolean;
  /** The epoch of the last `start`. */
  readonly startEpoch: number;
  /** `touching`: the keys are being listed; `draining`: listed, and not all of them copied. */
  readonly level: "none" | "touching" | "draining" | "level";
  /** While `draining`: the target is level once no touch up to this sequence is left. */
  readonly levelAfter: number;
  /** When every live process was first known to act on this epoch; `undefined` until then. */
  readonly confirmedAt: number | undefined;
  /** Until then, writes and copies may land whose marks and claims the last `settle` dropped. */
  readonly droppedUntil: number;
  /** Share of the questions in per cent that the target answers in `canary`. */
  readonly canaryPercent: number;
  /** The leading store, while most of its records are missing: it came back empty. The other one answers. */
  readonly lost: Side | undefined;
  /** What the two stores are, by URL or path, since the first write was marked; `undefined` before. */
  readonly binding: Binding | undefined;
  /** The files of embedded stores: another one at the same path lacks what was copied to the former one. */
  readonly files: FileIds;
}

/** Which stores a pair is made of: each by its URL or path, without secrets. */
export type Binding = Readonly<Record<Side, string>>;

/** The file of each embedded store of a pair (`VectorStore.fileId`). */
export type FileIds = Readonly<Partial<Record<Side, string>>>;

/** The state before the first `start`. */
export const initialControl: Control = {
  stage: "source",
  leader: "source",
  hold: undefined,
  epoch: 1,
  isRecording: false,
  isStartComplete: false,
  startEpoch: 0,
  level: "none",
  levelAfter: 0,
  confirmedAt: undefined,
  droppedUntil: 0,
  canaryPercent: 0,
  lost: undefined,
  binding: undefined,
  files: {},
};

/** Records whose last copies or writes failed for the same reason, and are tried again. */
export interface FailedRecords {
  readonly reason: string;
  readonly records: number;
  /** Of the record with the most. */
  readonly attempts: number;
  /** The record, if it is a single one. */
  readonly key: RecordKey | undefined;
}

export interface RecordKey {
  readonly namespace: string;
  readonly id: string;
}

/** The id of a mark that stands for every record of its namespace. No store takes a record with an empty id. */
export const wholeNamespace = "";

/**
 * - `open`: it was sent to the leader, with an unknown outcome
 * - `settled`: the leader has it
 * - `queued`: it is durable here, and not sent yet
 */
export type MarkStatus = "open" | "settled" | "queued";

/** A write to one record, kept until both stores have it. */
export interface Mark extends RecordKey {
  readonly sequence: number;
  readonly status: MarkStatus;
  /** "Copy this record": no write, and nothing to apply. */
  readonly isTouch: boolean;
  /** When an open mark counts as finished, with any outcome. */
  readonly lease: number;
  readonly opened: number;
  /** The hold under which the new leader received it; `""` without one. */
  readonly tag: string;
}

/** A mark with its operation, as JSON. */
export interface NewMark extends Mark {
  readonly operation: string;
}

/** Who works on a key; with `owner` empty, when the next attempt is due. */
export interface Claim extends RecordKey {
  readonly owner: string;
  readonly expires: number;
  /** Failed attempts in a row. */
  readonly attempts: number;
  readonly retryAt: number;
  /** Why the last attempt failed. */
  readonly reason: string;
}

/** A process that uses the pair. */
export interface Heartbeat {
  readonly process: string;
  /** The epoch that it acts on. */
  readonly epoch: number;
  readonly expires: number;
}

/** One line of the history. */
export interface HistoryEntry {
  readonly at: number;
  readonly event: string;
  readonly from: Stage;
  readonly to: Stage;
  readonly leader: Side;
  readonly epoch: number;
  /** A person or a rule. */
  readonly who: string;
  readonly reason: string;
  /** JSON: what the gates saw. */
  readonly evidence: string;
}

/** The first of the marks that a store lacks. */
export interface MarkStart {
  readonly sequence: number;
  readonly opened: number;
}

/** A queued write, in its place. */
export interface QueuedMark extends RecordKey {
  readonly sequence: number;
  /** As JSON. */
  readonly operation: string;
  readonly opened: number;
  /** It is not what was queued, and is never sent. */
  readonly isDamaged: boolean;
}

/** A queued write that will never reach its leader: refused for good, or damaged. */
export interface ParkedWrite extends RecordKey {
  readonly sequence: number;
  readonly operation: string;
  readonly reason: string;
  readonly parkedAt: number;
  /** It is not what was queued, and is never sent. */
  readonly isDamaged: boolean;
}

export type NewParkedWrite = Omit<ParkedWrite, "isDamaged"> & { readonly isDamaged?: boolean };

/** Numbers of marks. */
export interface MarkCounts {
  readonly open: number;
  readonly settled: number;
  readonly queued: number;
  readonly touches: number;
  /** Of operations. */
  readonly bytes: number;
}

type Awaitable<T> = T | Promise<T>;

/**
 * The rows of one pair of stores, inside one serializable transaction. The rules of the protocol are written on
 * these methods, so that the simulator can drive them with rows in memory (test/cutover/simulator).
 */
export interface CutoverRows {
  /** The state store's clock. */
  now(): Awaitable<number>;
  control(): Awaitable<Control>;
  saveControl(control: Control): Awaitable<void>;
  appendHistory(entry: HistoryEntry): Awaitable<void>;
  /** Newest first. */
  history(limit: number): Awaitable<HistoryEntry[]>;
  openIncident(incident: NewIncident): Awaitable<void>;

  lastSequence(): Awaitable<number>;
  /** Reserves `count` sequences. @returns the first */
  takeSequences(count: number): Awaitable<number>;

  addMarks(marks: readonly NewMark[]): Awaitable<void>;
  /** All marks of the keys, in order of sequence. */
  marksOf(keys: readonly RecordKey[]): Awaitable<Mark[]>;
  /** By sequence, without those that are damaged. */
  operationsOf(sequences: readonly number[]): Awaitable<ReadonlyMap<number, string>>;
  /** Queued writes above a sequence, in order; fewer than `limit` if their operations are large, and none at the end. */
  queuedWrites(after: number, limit: number): Awaitable<QueuedMark[]>;
  /** Of the operations that are queued or parked. */
  queuedBytes(): Awaitable<number>;
  /** Open and queued marks become settled. */
  settleMarks(sequences: readonly number[]): Awaitable<void>;
  tagMarks(sequences: readonly number[], tag: string): Awaitable<void>;
  removeMarks(sequences: readonly number[]): Awaitable<void>;
  /** Removes the open marks whose lease is over. */
  removeExpired(now: number): Awaitable<void>;
  /** Removes the marks of a namespace up to a sequence, except queued ones. */
  removeMarksUpTo(namespace: string, sequence: number): Awaitable<void>;
  /** Removes all marks and claims. */
  dropMarks(): Awaitable<void>;
  /**
   * Keys with marks to copy or to apply that no live claim covers and whose next attempt is due, oldest first;
   * without those behind the mark of their namespace.
   */
  keysToCopy(now: number, limit: number): Awaitable<RecordKey[]>;
  keysToApply(now: number, limit: number): Awaitable<RecordKey[]>;
  /** Keys with marks that are not queued and lack the tag, without a live claim. */
  keysToTakeOver(tag: string, now: number, limit: number): Awaitable<RecordKey[]>;
  /** The keys of a namespace that have marks of any kind. */
  keysWithMarks(namespace: string): Awaitable<RecordKey[]>;
  /** Whether a mark of a namespace, queued or open and unfinished, lies before this sequence. */
  isBusyBefore(namespace: string, sequence: number, now: number): Awaitable<boolean>;
  hasUnfinishedOpen(now: number): Awaitable<boolean>;
  hasQueued(): Awaitable<boolean>;
  /** Whether a mark that is not queued lacks the tag. */
  hasUntagged(tag: string): Awaitable<boolean>;
  hasTouch(upTo: number): Awaitable<boolean>;
  /** The first of all marks, or of the queued ones. */
  firstMark(status?: "queued"): Awaitable<MarkStart | undefined>;
  countMarks(): Awaitable<MarkCounts>;

  claimsOf(keys: readonly RecordKey[]): Awaitable<Claim[]>;
  saveClaims(claims: readonly Claim[]): Awaitable<void>;
  removeClaims(keys: readonly RecordKey[]): Awaitable<void>;
  /** In any namespace, or in one. */
  hasLiveClaim(now: number, namespace?: string): Awaitable<boolean>;
  /** Ends the pauses after failed attempts. */
  endPauses(): Awaitable<void>;
  /** Records whose last attempt failed, those with the same reason together; most records first. */
  failures(limit: number): Awaitable<FailedRecords[]>;

  addParked(parked: NewParkedWrite): Awaitable<void>;
  /** In order, from a sequence on; fewer than `limit` if their operations are large, and none at the end. */
  parked(limit: number, sequence?: number): Awaitable<ParkedWrite[]>;
  countParked(): Awaitable<number>;
  removeParked(sequences: readonly number[]): Awaitable<void>;

  heartbeats(): Awaitable<Heartbeat[]>;
  saveHeartbeat(heartbeat: Heartbeat): Awaitable<void>;
  removeHeartbeat(process: string): Awaitable<void>;
}
