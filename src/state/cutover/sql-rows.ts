import type { StateSession, StateValue } from "../database.ts";
import { takeSequences } from "../sequences.ts";
import { idsByNamespace, rowLists, valueLists } from "./lists.ts";
import {
  type Claim,
  type Control,
  type CutoverRows,
  type Heartbeat,
  type HistoryEntry,
  initialControl,
  type Mark,
  type MarkCounts,
  type MarkStart,
  type MarkStatus,
  type NewMark,
  type ParkedWrite,
  type RecordKey,
} from "./rows.ts";

interface MarkRow extends RecordKey {
  readonly sequence: number;
  readonly status: MarkStatus;
  readonly is_touch: number;
  readonly lease: number;
  readonly opened: number;
  readonly tag: string;
}

interface ClaimRow extends RecordKey {
  readonly owner: string;
  readonly expires: number;
  readonly attempts: number;
  readonly retry_at: number;
  readonly reason: string;
}

const markColumns = "sequence, namespace, id, status, is_touch, lease, opened, tag";
const claimColumns = "namespace, id, owner, expires, attempts, retry_at, reason";

/** No live claim covers the key of a mark. */
const unclaimed = `NOT EXISTS (SELECT 1 FROM cutover_claims c WHERE c.pair = m.pair
  AND c.namespace = m.namespace AND c.id = m.id AND c.expires > ?)`;
/** Nor has an attempt failed whose pause still lasts. */
const due = `NOT EXISTS (SELECT 1 FROM cutover_claims c WHERE c.pair = m.pair
  AND c.namespace = m.namespace AND c.id = m.id AND (c.expires > ? OR c.retry_at > ?))`;

/** Nor does it lie behind the mark of its namespace, which goes first. */
const leading = `NOT EXISTS (SELECT 1 FROM cutover_marks w WHERE w.pair = m.pair AND w.namespace = m.namespace
  AND w.id = '' AND w.sequence < m.sequence`;

/** Rows looked at for each key that is wanted: a key may have several marks. */
const rowsForKey = 4;

/** The rows of a pair in the state store. */
export class SqlCutoverRows implements CutoverRows {
  readonly #session: StateSession;
  readonly #pair: string;

  constructor(session: StateSession, pair: string) {
    this.#session = session;
    this.#pair = pair;
  }

  now(): Promise<number> {
    return this.#session.now();
  }

  async control(): Promise<Control> {
    const row = await this.#get<{ control: string }>("SELECT control FROM cutover_control WHERE pair = ?");
    return row === undefined ? initialControl : { ...initialControl, ...JSON.parse(row.control) };
  }

  async saveControl(control: Control): Promise<void> {
    await this.#run(
      `INSERT INTO cutover_control (pair, control) VALUES (?, ?)
       ON CONFLICT (pair) DO UPDATE SET control = excluded.control`,
      JSON.stringify(control),
    );
  }

  async appendHistory(entry: HistoryEntry): Promise<void> {
    await this.#run(
      "INSERT INTO cutover_history (pair, epoch, entry) VALUES (?, ?, ?)",
      entry.epoch,
      JSON.stringify(entry),
    );
  }

  async history(limit: number): Promise<HistoryEntry[]> {
    const rows = await this.#all<{ entry: string }>(
      "SELECT entry FROM cutover_history WHERE pair = ? ORDER BY epoch DESC LIMIT ?",
      limit,
    );
    return rows.map(({ entry }) => JSON.parse(entry));
  }

  async lastSequence(): Promise<number> {
    const row = await this.#session.get<{ value: number }>(
      "SELECT value FROM sequences WHERE name = ?",
      this.#sequence,
    );
    return row?.value ?? 0;
  }

  takeSequences(count: number): Promise<number> {
    return takeSequences(this.#session, this.#sequence, count);
  }

  get #sequence(): string {
    return `cutover ${this.#pair}`;
  }

  async addMarks(marks: readonly NewMark[]): Promise<void> {
    for (const list of rowLists(marks)) {
      const values = list.flatMap((mark): StateValue[] => [
        this.#pair,
        mark.sequence,
        mark.namespace,
        mark.id,
        mark.operation,
        Buffer.byteLength(mark.operation),
        mark.status,
        mark.isTouch ? 1 : 0,
        mark.lease,
        mark.opened,
        mark.tag,
      ]);
      await this.#session.run(
        `INSERT INTO cutover_marks (pair, sequence, namespace, id, operation, bytes, status, is_touch, lease, opened, tag)
         VALUES ${list.map(() => "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").join(", ")}`,
        ...values,
      );
    }
  }

  async marksOf(keys: readonly RecordKey[]): Promise<Mark[]> {
    const marks: Mark[] = [];
    for (const [namespace, ids] of idsByNamespace(keys)) {
      for (const list of valueLists(ids)) {
        const rows = await this.#all<MarkRow>(
          `SELECT ${markColumns} FROM cutover_marks WHERE pair = ? AND namespace = ? AND id IN (${list.marks})`,
          namespace,
          ...list.values,
        );
        for (const { is_touch: isTouch, ...row } of rows) marks.push({ ...row, isTouch: isTouch === 1 });
      }
    }
    return marks.sort((left, right) => left.sequence - right.sequence);
  }

  async operationsOf(sequences: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const operations = new Map<number, string>();
    for (const list of valueLists(sequences)) {
      const rows = await this.#all<{ sequence: number; operation: string }>(
        `SELECT sequence, operation FROM cutover_marks WHERE pair = ? AND sequence IN (${list.marks})`,
        ...list.values,
      );
      for (const { sequence, operation } of rows) operations.set(sequence, operation);
    }
    return operations;
  }

  async settleMarks(sequences: readonly number[]): Promise<void> {
    for (const list of valueLists(sequences)) {
      await this.#run(
        `UPDATE cutover_marks SET status = 'settled' WHERE pair = ? AND sequence IN (${list.marks})`,
        ...list.values,
      );
    }
  }

  async tagMarks(sequences: readonly number[], tag: string): Promise<void> {
    for (const list of valueLists(sequences)) {
      await this.#session.run(
        `UPDATE cutover_marks SET tag = ? WHERE pair = ? AND sequence IN (${list.marks})`,
        tag,
        this.#pair,
        ...list.values,
      );
    }
  }

  async removeMarks(sequences: readonly number[]): Promise<void> {
    for (const list of valueLists(sequences)) {
      await this.#run(
        `DELETE FROM cutover_marks WHERE pair = ? AND sequence IN (${list.marks})`,
        ...list.values,
      );
    }
  }

  async removeMarksUpTo(namespace: string, sequence: number): Promise<void> {
    await this.#run(
      "DELETE FROM cutover_marks WHERE pair = ? AND namespace = ? AND sequence <= ? AND status <> 'queued'",
      namespace,
      sequence,
    );
  }

  async dropMarks(): Promise<void> {
    await this.#run("DELETE FROM cutover_marks WHERE pair = ?");
    await this.#run("DELETE FROM cutover_claims WHERE pair = ?");
  }

  async keysToCopy(now: number, limit: number): Promise<RecordKey[]> {
    const claims = `${due} AND ${leading} AND w.status = 'settled')`;
    const settled = await this.#keys("status = 'settled'", [], claims, [now, now], limit);
    const expired = await this.#keys("status = 'open' AND lease <= ?", [now], claims, [now, now], limit);
    return distinct([...settled, ...expired], limit);
  }

  async keysToApply(now: number, limit: number): Promise<RecordKey[]> {
    const claims = `${due} AND ${leading} AND w.status <> 'settled')`;
    return distinct(await this.#keys("status = 'queued'", [], claims, [now, now], limit), limit);
  }

  async keysToTakeOver(tag: string, now: number, limit: number): Promise<RecordKey[]> {
    const rows = await this.#keys("status <> 'queued' AND tag <> ?", [tag], unclaimed, [now], limit);
    return distinct(rows, limit);
  }

  /** Keys of marks, oldest first; a key may come several times. */
  #keys(
    condition: string,
    values: readonly StateValue[],
    claims: string,
    claimValues: readonly StateValue[],
    limit: number,
  ): Promise<RecordKey[]> {
    return this.#all<RecordKey>(
      `SELECT namespace, id FROM cutover_marks m WHERE pair = ? AND ${condition} AND ${claims}
       ORDER BY sequence LIMIT ?`,
      ...values,
      ...claimValues,
      limit * rowsForKey,
    );
  }

  keysWithMarks(namespace: string): Promise<RecordKey[]> {
    return this.#all<RecordKey>(
      "SELECT DISTINCT namespace, id FROM cutover_marks WHERE pair = ? AND namespace = ?",
      namespace,
    );
  }

  isBusyBefore(namespace: string, sequence: number, now: number): Promise<boolean> {
    return this.#has(
      `cutover_marks WHERE pair = ? AND namespace = ? AND sequence < ?
       AND (status = 'queued' OR (status = 'open' AND lease > ?))`,
      namespace,
      sequence,
      now,
    );
  }

  hasUnfinishedOpen(now: number): Promise<boolean> {
    return this.#has("cutover_marks WHERE pair = ? AND status = 'open' AND lease > ?", now);
  }

  hasQueued(): Promise<boolean> {
    return this.#has("cutover_marks WHERE pair = ? AND status = 'queued'");
  }

  hasUntagged(tag: string): Promise<boolean> {
    return this.#has("cutover_marks WHERE pair = ? AND status <> 'queued' AND tag <> ?", tag);
  }

  hasTouch(upTo: number): Promise<boolean> {
    return this.#has("cutover_marks WHERE pair = ? AND is_touch = 1 AND sequence <= ?", upTo);
  }

  firstMark(status?: "queued"): Promise<MarkStart | undefined> {
    return this.#get<{ sequence: number; opened: number }>(
      `SELECT sequence, opened FROM cutover_marks WHERE pair = ?${status === undefined ? "" : " AND status = 'queued'"}
       ORDER BY sequence LIMIT 1`,
    );
  }

  async countMarks(): Promise<MarkCounts> {
    const rows = await this.#all<{ status: MarkStatus; count: number; touches: number; bytes: number }>(
      `SELECT status, count(*) AS count, CAST(coalesce(sum(is_touch), 0) AS BIGINT) AS touches,
         CAST(coalesce(sum(bytes), 0) AS BIGINT) AS bytes
       FROM cutover_marks WHERE pair = ? GROUP BY status`,
    );
    const count = (status: MarkStatus) => rows.find((row) => row.status === status)?.count ?? 0;
    return {
      open: count("open"),
      settled: count("settled"),
      queued: count("queued"),
      touches: rows.reduce((sum, { touches }) => sum + touches, 0),
      bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  async claimsOf(keys: readonly RecordKey[]): Promise<Claim[]> {
    const claims: Claim[] = [];
    for (const [namespace, ids] of idsByNamespace(keys)) {
      for (const list of valueLists(ids)) {
        const rows = await this.#all<ClaimRow>(
          `SELECT ${claimColumns} FROM cutover_claims WHERE pair = ? AND namespace = ? AND id IN (${list.marks})`,
          namespace,
          ...list.values,
        );
        claims.push(...rows.map(toClaim));
      }
    }
    return claims;
  }

  async saveClaims(claims: readonly Claim[]): Promise<void> {
    for (const list of rowLists(claims)) {
      await this.#session.run(
        `INSERT INTO cutover_claims (pair, ${claimColumns})
         VALUES ${list.map(() => "(?, ?, ?, ?, ?, ?, ?, ?)").join(", ")}
         ON CONFLICT (pair, namespace, id) DO UPDATE SET owner = excluded.owner, expires = excluded.expires,
           attempts = excluded.attempts, retry_at = excluded.retry_at, reason = excluded.reason`,
        ...list.flatMap((claim): StateValue[] => [
          this.#pair,
          claim.namespace,
          claim.id,
          claim.owner,
          claim.expires,
          claim.attempts,
          claim.retryAt,
          claim.reason,
        ]),
      );
    }
  }

  async removeClaims(keys: readonly RecordKey[]): Promise<void> {
    for (const [namespace, ids] of idsByNamespace(keys)) {
      for (const list of valueLists(ids)) {
        await this.#run(
          `DELETE FROM cutover_claims WHERE pair = ? AND namespace = ? AND id IN (${list.marks})`,
          namespace,
          ...list.values,
        );
      }
    }
  }

  hasLiveClaim(now: number, namespace?: string): Promise<boolean> {
    const live = "cutover_claims WHERE pair = ? AND expires > ?";
    return namespace === undefined
      ? this.#has(live, now)
      : this.#has(`${live} AND namespace = ?`, now, namespace);
  }

  async failedClaims(limit: number): Promise<Claim[]> {
    const rows = await this.#all<ClaimRow>(
      `SELECT ${claimColumns} FROM cutover_claims WHERE pair = ? AND attempts > 0 ORDER BY attempts DESC LIMIT ?`,
      limit,
    );
    return rows.map(toClaim);
  }

  async addParked(parked: ParkedWrite): Promise<void> {
    await this.#run(
      `INSERT INTO cutover_parked (pair, sequence, namespace, id, operation, reason, parked_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      parked.sequence,
      parked.namespace,
      parked.id,
      parked.operation,
      parked.reason,
      parked.parkedAt,
    );
  }

  async parked(limit: number): Promise<ParkedWrite[]> {
    const rows = await this.#all<Omit<ParkedWrite, "parkedAt"> & { parked_at: number }>(
      `SELECT sequence, namespace, id, operation, reason, parked_at FROM cutover_parked WHERE pair = ?
       ORDER BY sequence LIMIT ?`,
      limit,
    );
    return rows.map(({ parked_at: parkedAt, ...row }) => ({ ...row, parkedAt }));
  }

  heartbeats(): Promise<Heartbeat[]> {
    return this.#all<Heartbeat & Record<string, StateValue>>(
      "SELECT process, epoch, expires FROM cutover_heartbeats WHERE pair = ?",
    );
  }

  async saveHeartbeat({ process, epoch, expires }: Heartbeat): Promise<void> {
    await this.#run(
      `INSERT INTO cutover_heartbeats (pair, process, epoch, expires) VALUES (?, ?, ?, ?)
       ON CONFLICT (pair, process) DO UPDATE SET epoch = excluded.epoch, expires = excluded.expires`,
      process,
      epoch,
      expires,
    );
  }

  async removeHeartbeat(process: string): Promise<void> {
    await this.#run("DELETE FROM cutover_heartbeats WHERE pair = ? AND process = ?", process);
  }

  /** The pair is the first value of each of these statements. */
  #all<Row extends object>(sql: string, ...values: readonly StateValue[]): Promise<Row[]> {
    return this.#session.all<Row>(sql, this.#pair, ...values);
  }

  #get<Row extends object>(sql: string, ...values: readonly StateValue[]): Promise<Row | undefined> {
    return this.#session.get<Row>(sql, this.#pair, ...values);
  }

  #run(sql: string, ...values: readonly StateValue[]): Promise<number> {
    return this.#session.run(sql, this.#pair, ...values);
  }

  async #has(rows: string, ...values: readonly StateValue[]): Promise<boolean> {
    return (await this.#get(`SELECT 1 AS found FROM ${rows} LIMIT 1`, ...values)) !== undefined;
  }
}

function toClaim({ retry_at: retryAt, ...row }: ClaimRow): Claim {
  return { ...row, retryAt };
}

/** Each key once, in order. */
function distinct(keys: readonly RecordKey[], limit: number): RecordKey[] {
  const found = new Map<string, RecordKey>();
  for (const { namespace, id } of keys) {
    const name = `${namespace}\0${id}`;
    if (found.size < limit && !found.has(name)) found.set(name, { namespace, id });
  }
  return [...found.values()];
}
