import type { StateValue } from "../database.ts";
import { rowsWithin } from "../pages.ts";
import { takeSequences } from "../sequences.ts";
import { idsByNamespace, rowLists, valueLists } from "./lists.ts";
import { PairSession } from "./pair-session.ts";
import type { Mark, MarkCounts, MarkStart, MarkStatus, NewMark, QueuedMark, RecordKey } from "./rows.ts";
import { sealOf } from "./seal.ts";

interface MarkRow extends RecordKey {
  readonly sequence: number;
  readonly status: MarkStatus;
  readonly is_touch: number;
  readonly lease: number;
  readonly opened: number;
  readonly tag: string;
}

interface SealedRow extends RecordKey {
  readonly sequence: number;
  readonly operation: string;
  readonly opened: number;
  readonly checksum: number;
}

const sealedColumns = "sequence, namespace, id, operation, opened, checksum";

function isIntact(row: SealedRow): boolean {
  return row.checksum === sealOf(row);
}

const markColumns = "sequence, namespace, id, status, is_touch, lease, opened, tag";
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

/** The marks of a pair, and the sequence that numbers them. */
export class MarkRows extends PairSession {
  async lastSequence(): Promise<number> {
    const row = await this.session.get<{ value: number }>(
      "SELECT value FROM sequences WHERE name = ?",
      this.#sequence,
    );
    return row?.value ?? 0;
  }

  takeSequences(count: number): Promise<number> {
    return takeSequences(this.session, this.#sequence, count);
  }

  get #sequence(): string {
    return `cutover ${this.pair}`;
  }

  async addMarks(marks: readonly NewMark[]): Promise<void> {
    for (const list of rowLists(marks)) {
      const values = list.flatMap((mark): StateValue[] => [
        this.pair,
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
        sealOf(mark),
      ]);
      await this.session.run(
        `INSERT INTO cutover_marks (pair, sequence, namespace, id, operation, bytes, status, is_touch, lease, opened, tag, checksum)
         VALUES ${list.map(() => "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").join(", ")}`,
        ...values,
      );
    }
  }

  async marksOf(keys: readonly RecordKey[]): Promise<Mark[]> {
    const marks: Mark[] = [];
    for (const [namespace, ids] of idsByNamespace(keys)) {
      for (const list of valueLists(ids)) {
        const rows = await this.all<MarkRow>(
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
      const rows = await this.all<SealedRow>(
        `SELECT ${sealedColumns} FROM cutover_marks WHERE pair = ? AND sequence IN (${list.marks})`,
        ...list.values,
      );
      for (const row of rows) if (isIntact(row)) operations.set(row.sequence, row.operation);
    }
    return operations;
  }

  async queuedWrites(after: number, limit: number): Promise<QueuedMark[]> {
    const place =
      "FROM cutover_marks WHERE pair = ? AND status = 'queued' AND sequence > ? ORDER BY sequence";
    const sizes = await this.all<{ bytes: number }>(`SELECT bytes ${place} LIMIT ?`, after, limit);
    const rows = await this.all<SealedRow>(
      `SELECT ${sealedColumns} ${place} LIMIT ?`,
      after,
      rowsWithin(sizes.map(({ bytes }) => bytes)),
    );
    return rows.map(({ checksum: _, ...row }, place) => ({
      ...row,
      isDamaged: !isIntact(rows[place] as SealedRow),
    }));
  }

  async queuedBytes(): Promise<number> {
    const row = await this.session.get<{ bytes: number }>(
      `SELECT CAST((SELECT coalesce(sum(bytes), 0) FROM cutover_marks WHERE pair = ? AND status = 'queued') +
         (SELECT coalesce(sum(octet_length(operation)), 0) FROM cutover_parked WHERE pair = ?) AS BIGINT) AS bytes`,
      this.pair,
      this.pair,
    );
    return row?.bytes ?? 0;
  }

  async settleMarks(sequences: readonly number[]): Promise<void> {
    for (const list of valueLists(sequences)) {
      await this.run(
        `UPDATE cutover_marks SET status = 'settled' WHERE pair = ? AND sequence IN (${list.marks})`,
        ...list.values,
      );
    }
  }

  async tagMarks(sequences: readonly number[], tag: string): Promise<void> {
    for (const list of valueLists(sequences)) {
      await this.session.run(
        `UPDATE cutover_marks SET tag = ? WHERE pair = ? AND sequence IN (${list.marks})`,
        tag,
        this.pair,
        ...list.values,
      );
    }
  }

  async removeMarks(sequences: readonly number[]): Promise<void> {
    for (const list of valueLists(sequences)) {
      await this.run(
        `DELETE FROM cutover_marks WHERE pair = ? AND sequence IN (${list.marks})`,
        ...list.values,
      );
    }
  }

  async removeExpired(now: number): Promise<void> {
    await this.run("DELETE FROM cutover_marks WHERE pair = ? AND status = 'open' AND lease <= ?", now);
  }

  async removeMarksUpTo(namespace: string, sequence: number): Promise<void> {
    await this.run(
      "DELETE FROM cutover_marks WHERE pair = ? AND namespace = ? AND sequence <= ? AND status <> 'queued'",
      namespace,
      sequence,
    );
  }

  async dropMarks(): Promise<void> {
    await this.run("DELETE FROM cutover_marks WHERE pair = ?");
    await this.run("DELETE FROM cutover_claims WHERE pair = ?");
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
    return this.all<RecordKey>(
      `SELECT namespace, id FROM cutover_marks m WHERE pair = ? AND ${condition} AND ${claims}
       ORDER BY sequence LIMIT ?`,
      ...values,
      ...claimValues,
      limit * rowsForKey,
    );
  }

  keysWithMarks(namespace: string): Promise<RecordKey[]> {
    return this.all<RecordKey>(
      "SELECT DISTINCT namespace, id FROM cutover_marks WHERE pair = ? AND namespace = ?",
      namespace,
    );
  }

  isBusyBefore(namespace: string, sequence: number, now: number): Promise<boolean> {
    return this.has(
      `cutover_marks WHERE pair = ? AND namespace = ? AND sequence < ?
       AND (status = 'queued' OR (status = 'open' AND lease > ?))`,
      namespace,
      sequence,
      now,
    );
  }

  hasUnfinishedOpen(now: number): Promise<boolean> {
    return this.has("cutover_marks WHERE pair = ? AND status = 'open' AND lease > ?", now);
  }

  hasQueued(): Promise<boolean> {
    return this.has("cutover_marks WHERE pair = ? AND status = 'queued'");
  }

  hasUntagged(tag: string): Promise<boolean> {
    return this.has("cutover_marks WHERE pair = ? AND status <> 'queued' AND tag <> ?", tag);
  }

  hasTouch(upTo: number): Promise<boolean> {
    return this.has("cutover_marks WHERE pair = ? AND is_touch = 1 AND sequence <= ?", upTo);
  }

  firstMark(status?: "queued"): Promise<MarkStart | undefined> {
    return this.get<{ sequence: number; opened: number }>(
      `SELECT sequence, opened FROM cutover_marks WHERE pair = ?${status === undefined ? "" : " AND status = 'queued'"}
       ORDER BY sequence LIMIT 1`,
    );
  }

  async countMarks(): Promise<MarkCounts> {
    const rows = await this.all<{ status: MarkStatus; count: number; touches: number; bytes: number }>(
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
