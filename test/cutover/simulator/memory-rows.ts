import {
  type Claim,
  type Control,
  type CutoverRows,
  type FailedRecords,
  type Heartbeat,
  type HistoryEntry,
  initialControl,
  type Mark,
  type MarkCounts,
  type MarkStart,
  type NewMark,
  type NewParkedWrite,
  type ParkedWrite,
  type QueuedMark,
  type RecordKey,
  wholeNamespace,
} from "../../../src/state/cutover/rows.ts";
import type { NewIncident } from "../../../src/state/incidents.ts";
import type { Mutation } from "./mutations.ts";

function sameKey(left: RecordKey, right: RecordKey): boolean {
  return left.id === right.id && left.namespace === right.namespace;
}

function isFinished(mark: Mark, now: number): boolean {
  return mark.status === "settled" || (mark.status === "open" && mark.lease <= now);
}

/** The rows of a pair in memory, for the simulator: a few keys and marks, so lists suffice. */
export class MemoryRows implements CutoverRows {
  readonly #clock: () => number;
  readonly #offersClaimed: boolean;
  readonly #offersBehind: boolean;
  #control: Control = initialControl;
  #sequence = 0;
  #marks: NewMark[] = [];
  #claims: Claim[] = [];
  #heartbeats: Heartbeat[] = [];
  readonly #history: HistoryEntry[] = [];
  #parked: ParkedWrite[] = [];
  readonly incidents: NewIncident[] = [];

  /** @param mutation offers keys that are claimed, or behind the mark of their namespace */
  constructor(clock: () => number, { offersClaimed = false, offersBehind = false }: Mutation = {}) {
    this.#clock = clock;
    this.#offersClaimed = offersClaimed;
    this.#offersBehind = offersBehind;
  }

  now(): number {
    return this.#clock();
  }
  control(): Control {
    return this.#control;
  }
  saveControl(control: Control): void {
    this.#control = control;
  }
  appendHistory(entry: HistoryEntry): void {
    this.#history.push(entry);
  }
  history(limit: number): HistoryEntry[] {
    return this.#history.slice(-limit).reverse();
  }
  openIncident(incident: NewIncident): void {
    this.incidents.push(incident);
  }

  lastSequence(): number {
    return this.#sequence;
  }
  takeSequences(count: number): number {
    this.#sequence += count;
    return this.#sequence - count + 1;
  }

  addMarks(marks: readonly NewMark[]): void {
    this.#marks.push(...marks);
  }
  marksOf(keys: readonly RecordKey[]): Mark[] {
    return this.#marks.filter((mark) => keys.some((key) => sameKey(mark, key)));
  }
  operationsOf(sequences: readonly number[]): Map<number, string> {
    const found = this.#marks.filter(({ sequence }) => sequences.includes(sequence));
    return new Map(found.map(({ sequence, operation }) => [sequence, operation]));
  }
  queuedWrites(after: number, limit: number): QueuedMark[] {
    const queued = this.#marks.filter(({ status, sequence }) => status === "queued" && sequence > after);
    return queued.slice(0, limit).map(({ sequence, namespace, id, operation, opened }) => ({
      sequence,
      namespace,
      id,
      operation,
      opened,
      isDamaged: false,
    }));
  }
  queuedBytes(): number {
    const waiting = this.#marks.filter(({ status }) => status === "queued");
    return [...waiting, ...this.#parked].reduce(
      (sum, { operation }) => sum + Buffer.byteLength(operation),
      0,
    );
  }
  settleMarks(sequences: readonly number[]): void {
    this.#change(sequences, (mark) => ({ ...mark, status: "settled" }));
  }
  tagMarks(sequences: readonly number[], tag: string): void {
    this.#change(sequences, (mark) => ({ ...mark, tag }));
  }
  #change(sequences: readonly number[], change: (mark: NewMark) => NewMark): void {
    this.#marks = this.#marks.map((mark) => (sequences.includes(mark.sequence) ? change(mark) : mark));
  }
  removeMarks(sequences: readonly number[]): void {
    this.#marks = this.#marks.filter(({ sequence }) => !sequences.includes(sequence));
  }
  removeExpired(now: number): void {
    this.#marks = this.#marks.filter(({ status, lease }) => status !== "open" || lease > now);
  }
  removeMarksUpTo(namespace: string, sequence: number): void {
    this.#marks = this.#marks.filter(
      (mark) => mark.namespace !== namespace || mark.sequence > sequence || mark.status === "queued",
    );
  }
  dropMarks(): void {
    this.#marks = [];
    this.#claims = [];
  }
  keysToCopy(now: number, limit: number): RecordKey[] {
    const leads = (mark: Mark) => this.#leads(mark, ({ status }) => status === "settled");
    return this.#keys((mark) => isFinished(mark, now) && leads(mark), now, limit, true);
  }
  keysToApply(now: number, limit: number): RecordKey[] {
    const leads = (mark: Mark) => this.#leads(mark, ({ status }) => status !== "settled");
    return this.#keys((mark) => mark.status === "queued" && leads(mark), now, limit, true);
  }
  keysToTakeOver(tag: string, now: number, limit: number): RecordKey[] {
    return this.#keys((mark) => mark.status !== "queued" && mark.tag !== tag, now, limit, false);
  }
  /** Not behind the mark of its namespace. */
  #leads({ namespace, sequence }: Mark, counts: (whole: Mark) => boolean): boolean {
    return (
      this.#offersBehind ||
      !this.#marks.some(
        (mark) =>
          mark.id === wholeNamespace &&
          mark.namespace === namespace &&
          mark.sequence < sequence &&
          counts(mark),
      )
    );
  }
  #keys(matches: (mark: Mark) => boolean, now: number, limit: number, waits: boolean): RecordKey[] {
    const keys: RecordKey[] = [];
    for (const mark of this.#marks) {
      if (keys.length === limit) break;
      if (!matches(mark) || keys.some((key) => sameKey(key, mark))) continue;
      const claim = this.#claims.find((one) => sameKey(one, mark));
      if (claim && !this.#offersClaimed && (claim.expires > now || (waits && claim.retryAt > now))) continue;
      keys.push({ namespace: mark.namespace, id: mark.id });
    }
    return keys;
  }
  keysWithMarks(namespace: string): RecordKey[] {
    const ids = new Set(this.#marks.filter((mark) => mark.namespace === namespace).map(({ id }) => id));
    return [...ids].map((id) => ({ namespace, id }));
  }
  isBusyBefore(namespace: string, sequence: number, now: number): boolean {
    return this.#marks.some(
      (mark) => mark.namespace === namespace && mark.sequence < sequence && !isFinished(mark, now),
    );
  }
  hasUnfinishedOpen(now: number): boolean {
    return this.#marks.some(({ status, lease }) => status === "open" && lease > now);
  }
  hasQueued(): boolean {
    return this.#marks.some(({ status }) => status === "queued");
  }
  hasUntagged(tag: string, now = Number.POSITIVE_INFINITY): boolean {
    return this.#marks.some((mark) => isFinished(mark, now) && mark.tag !== tag);
  }
  hasTouch(upTo: number): boolean {
    return this.#marks.some(({ isTouch, sequence }) => isTouch && sequence <= upTo);
  }
  firstMark(status?: "queued"): MarkStart | undefined {
    return this.#marks.find((mark) => status === undefined || mark.status === status);
  }
  countMarks(): MarkCounts {
    const count = (matches: (mark: Mark) => boolean) => this.#marks.filter(matches).length;
    return {
      open: count(({ status }) => status === "open"),
      settled: count(({ status }) => status === "settled"),
      queued: count(({ status }) => status === "queued"),
      touches: count(({ isTouch }) => isTouch),
      bytes: this.#marks.reduce((sum, { operation }) => sum + Buffer.byteLength(operation), 0),
    };
  }

  claimsOf(keys: readonly RecordKey[]): Claim[] {
    return this.#claims.filter((claim) => keys.some((key) => sameKey(claim, key)));
  }
  saveClaims(claims: readonly Claim[]): void {
    this.removeClaims(claims);
    this.#claims.push(...claims);
  }
  removeClaims(keys: readonly RecordKey[]): void {
    this.#claims = this.#claims.filter((claim) => !keys.some((key) => sameKey(claim, key)));
  }
  hasLiveClaim(now: number, namespace?: string): boolean {
    return this.#claims.some(
      (claim) => claim.expires > now && (namespace === undefined || claim.namespace === namespace),
    );
  }
  endPauses(): void {
    this.#claims = this.#claims.map((claim) => ({ ...claim, retryAt: 0 }));
  }
  failures(limit: number): FailedRecords[] {
    const failed = this.#claims.filter(({ attempts }) => attempts > 0);
    return [...new Set(failed.map(({ reason }) => reason))]
      .map((reason): FailedRecords => {
        const same = failed.filter((claim) => claim.reason === reason);
        const [{ namespace, id }] = same as [Claim];
        return {
          reason,
          records: same.length,
          attempts: Math.max(...same.map(({ attempts }) => attempts)),
          key: same.length === 1 ? { namespace, id } : undefined,
        };
      })
      .sort((left, right) => right.records - left.records || (left.reason < right.reason ? -1 : 1))
      .slice(0, limit);
  }

  addParked(parked: NewParkedWrite): void {
    this.#parked.push({ isDamaged: false, ...parked });
  }
  parked(limit: number, from = 0): ParkedWrite[] {
    return this.#parked.filter(({ sequence }) => sequence >= from).slice(0, limit);
  }
  countParked(): number {
    return this.#parked.length;
  }
  removeParked(sequences: readonly number[]): void {
    this.#parked = this.#parked.filter(({ sequence }) => !sequences.includes(sequence));
  }

  heartbeats(): Heartbeat[] {
    return this.#heartbeats;
  }
  saveHeartbeat(heartbeat: Heartbeat): void {
    this.removeHeartbeat(heartbeat.process);
    this.#heartbeats = [...this.#heartbeats, heartbeat];
  }
  removeHeartbeat(process: string): void {
    this.#heartbeats = this.#heartbeats.filter((one) => one.process !== process);
  }
}
