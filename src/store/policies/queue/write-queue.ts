import {
  InvalidRequestError,
  QueueBusyError,
  QueueFullError,
  StorageError,
} from "../../../foundation/errors.ts";
import type { Database, StatementSyncInstance } from "../../../sqlite/database.ts";
import { mayBeFullDisk } from "../../../sqlite/failures.ts";
import { tryLock } from "../../../sqlite/lock.ts";
import { Reserve } from "../../../sqlite/reserve.ts";
import { type BatchLimits, nextBatch, type QueuedEntry, type WriteBatch } from "./batch.ts";
import { openQueueDatabase, queueDatabase, type SealedColumns, writeChecksum } from "./database.ts";
import { encodeWrite, recordsNamed, splitWrite, type Write } from "./write.ts";

export interface WriteQueueOptions {
  /** A file; its lock is kept beside it. */
  readonly path: string;
  /** Most bytes of writes, waiting and parked, that it accepts. Default 256 MiB. */
  readonly maximumBytes?: number;
}

/** A queued write without its content. */
export interface QueuedSummary {
  readonly sequence: number;
  readonly namespace: string;
  readonly operation: Write["operation"];
  /** Records that it names; `undefined` if only the store knows. */
  readonly records: number | undefined;
  readonly queuedAt: Date;
  /** Failed attempts to send it, alone or as the first of a batch. */
  readonly attempts: number;
  /** Why it was queued, why the last attempt failed, or why it is parked. */
  readonly reason: string;
}

export interface QueueStatus {
  readonly waiting: number;
  readonly oldest: QueuedSummary | undefined;
  /** Writes that the store refused, which no longer block others; oldest first. */
  readonly parked: readonly QueuedSummary[];
  /** Size of all writes in the queue. */
  readonly bytes: number;
  /** Writes for other targets, by target: for indexes that the settings no longer name. */
  readonly elsewhere: Readonly<Record<string, number>>;
}

interface Row {
  sequence: number;
  namespace: string;
  operation: Write["operation"];
  records: number | null;
  queued_ms: number;
  attempts: number;
  reason: string;
}

interface NewRow extends Omit<SealedColumns, "sequence"> {
  readonly records: number | null;
  readonly bytes: number;
  readonly queuedMs: number;
  readonly attempts: number;
  readonly reason: string;
}

type EntryRow = QueuedEntry & SealedColumns & { readonly checksum: number };

const damagedReason = "It is damaged: it differs from the queued write and is not sent.";

const smallestCompaction = 256;

const defaultMaximumBytes = 256 * 1_024 * 1_024;

/** Several times the log space that deleting a batch of writes needs. */
const reserveBytes = 1_048_576;

const summaryColumns = "sequence, namespace, operation, records, queued_ms, attempts, reason";

/**
 * Writes that wait for their store, on disk, in order of arrival. Several processes may share the file. Every method
 * may throw a StorageError.
 */
export class WriteQueue {
  readonly path: string;
  readonly #maximumBytes: number;
  readonly #database: Database;
  readonly #reserve: Reserve;

  /** @throws {StorageError} when the file cannot be opened */
  constructor({ path, maximumBytes = defaultMaximumBytes }: WriteQueueOptions) {
    this.path = path;
    this.#maximumBytes = maximumBytes;
    this.#reserve = new Reserve(`${path}.reserve`, reserveBytes);
    this.#database = this.#despiteFullDisk(() => openQueueDatabase(path));
  }

  /**
   * Adds a write behind all others, as a whole or not at all; on disk when this returns.
   *
   * @param target the URL of the index that the write is for
   * @param reason why it is queued
   * @throws {QueueFullError}
   * @throws {InvalidRequestError} for a namespace that SQLite would store as another one
   */
  add(target: string, namespace: string, write: Write, reason: string): void {
    if (/[\0\p{Surrogate}]/u.test(namespace)) {
      throw new InvalidRequestError(
        "queue",
        "A namespace with U+0000 or half of a surrogate pair cannot be queued.",
        {
          hint: "Choose another name for the namespace.",
        },
      );
    }
    const queuedMs = Date.now();
    this.#queueWhole(reason, () => {
      for (const part of splitWrite(write)) {
        const payload = encodeWrite(part);
        const bytes = Buffer.byteLength(payload);
        this.#requireRoom(bytes, reason);
        const records = recordsNamed(part) ?? null;
        const { operation } = part;
        this.#append({
          target,
          namespace,
          operation,
          records,
          payload,
          bytes,
          queuedMs,
          attempts: 0,
          reason,
        });
      }
    });
    this.#reserve.keep();
  }

  /** @throws {StorageError} that says that the write is lost */
  #queueWhole(reason: string, action: () => void): void {
    try {
      this.#change(action);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      const { hint } = error;
      throw new StorageError(
        this.path,
        `The write was not carried out (${withoutStop(reason)}), and cannot be queued. ${error.message}`,
        { cause: error, ...(hint !== undefined && { hint }) },
      );
    }
  }

  /** Inside a transaction: puts a write behind all others. */
  #append(write: NewRow): void {
    const { last } = this.#prepare(
      "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'writes'), 0) AS last",
    ).get() as { last: number };
    const row = { ...write, sequence: last + 1 };
    this.#prepare(
      `INSERT INTO writes (sequence, target, namespace, operation, records, payload, bytes, queued_ms, attempts, reason, checksum)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      row.sequence,
      row.target,
      row.namespace,
      row.operation,
      row.records,
      row.payload,
      row.bytes,
      row.queuedMs,
      row.attempts,
      row.reason,
      writeChecksum(row),
    );
  }

  #requireRoom(bytes: number, reason: string): void {
    if (this.#bytes() + bytes <= this.#maximumBytes) return;
    throw new QueueFullError(
      `The write was not carried out (${withoutStop(reason)}), and the queue at ${this.path} has no room for it: it takes ${this.#maximumBytes} bytes.`,
      { hint: "Wait until the index is back (ragfood queue drain), or raise WRITE_QUEUE_MB." },
    );
  }

  #bytes(): number {
    return (this.#prepare("SELECT bytes FROM totals").get() as { bytes: number }).bytes;
  }

  /** Whether writes wait: to this namespace, or to any if no namespace is given. */
  hasWaiting(target: string, namespace?: string): boolean {
    const only = namespace === undefined ? "" : " AND namespace = ?";
    return this.#read(
      () =>
        this.#prepare(`SELECT 1 FROM writes WHERE parked_ms IS NULL AND target = ?${only} LIMIT 1`).get(
          target,
          ...(namespace === undefined ? [] : [namespace]),
        ) !== undefined,
    );
  }

  /**
   * The writes whose turn it is: the oldest of all, and what goes out along with it. Writes of one namespace may go
   * before older ones of another. Writes that are not what was queued are parked.
   *
   * @param onDamaged called for each write that is parked
   */
  nextBatch(
    target: string,
    limits?: Partial<BatchLimits>,
    onDamaged: () => void = () => {},
  ): WriteBatch | undefined {
    for (;;) {
      const { batch, damaged } = this.#readBatch(target, limits);
      if (batch !== undefined || damaged === undefined) return batch;
      this.park(damaged, damagedReason);
      onDamaged();
    }
  }

  /** A batch ends before a damaged write. */
  #readBatch(target: string, limits?: Partial<BatchLimits>): { batch?: WriteBatch; damaged?: number } {
    return this.#read(() => {
      // By the index, SQLite would sort all that waits to find the oldest.
      const rows = this.#prepare(
        `SELECT sequence, target, namespace, operation, payload, bytes, attempts, checksum FROM writes
         WHERE parked_ms IS NULL AND target = ? AND namespace =
           (SELECT namespace FROM writes NOT INDEXED
            WHERE parked_ms IS NULL AND target = ? ORDER BY sequence LIMIT 1)
         ORDER BY sequence`,
      ).iterate(target, target);
      let damaged: number | undefined;
      const intact = function* () {
        for (const row of rows as Iterable<unknown> as Iterable<EntryRow>) {
          if (isIntact(row)) yield row;
          else {
            damaged = row.sequence;
            return;
          }
        }
      };
      const batch = nextBatch(intact(), limits);
      return { ...(batch && { batch }), ...(damaged !== undefined && { damaged }) };
    });
  }

  /** Writes of a target that are not what was queued, waiting or parked: their sequences. */
  findDamaged(target: string): number[] {
    return this.#read(() => {
      const rows = this.#prepare(
        "SELECT sequence, target, namespace, operation, payload, checksum FROM writes WHERE target = ? ORDER BY sequence",
      ).iterate(target) as Iterable<unknown> as Iterable<EntryRow>;
      return Array.from(rows, (row) => (isIntact(row) ? [] : [row.sequence])).flat();
    });
  }

  remove(sequences: readonly number[]): void {
    this.#shrink(() => {
      for (const sequence of sequences) this.#delete(sequence);
    });
  }

  #delete(sequence: number): void {
    this.#prepare("DELETE FROM writes WHERE sequence = ?").run(sequence);
  }

  /** Records a failed attempt; the write keeps its position. */
  noteFailure(sequence: number, reason: string): void {
    this.#shrink(() =>
      this.#prepare("UPDATE writes SET attempts = attempts + 1, reason = ? WHERE sequence = ?").run(
        reason,
        sequence,
      ),
    );
  }

  /** Sets aside a write that can never succeed, so that it does not block the others. */
  park(sequence: number, reason: string): void {
    this.#shrink(() =>
      this.#prepare(
        "UPDATE writes SET attempts = attempts + 1, reason = ?, parked_ms = ? WHERE sequence = ?",
      ).run(reason, Date.now(), sequence),
    );
  }

  /**
   * Queues parked writes again, behind all others, as if they were written now. Damaged
   * ones stay parked.
   *
   * @param sequence which; default: all of the target
   * @returns how many
   */
  retry(target: string, sequence?: number): number {
    return this.#requeue(this.#parked(target, sequence), target);
  }

  /**
   * Queues the writes for another target again, for this target and behind all others. Damaged ones are not moved.
   * @returns how many
   */
  adopt(from: string, target: string): number {
    return this.#requeue(this.#all(from), target);
  }

  #requeue(rows: readonly Row[], target: string): number {
    return this.#change(() => {
      let count = 0;
      for (const { sequence } of rows) {
        const row = this.#prepare("SELECT *, queued_ms AS queuedMs FROM writes WHERE sequence = ?").get(
          sequence,
        ) as EntryRow & NewRow;
        if (!isIntact(row)) continue;
        this.#delete(sequence);
        this.#append({ ...row, target });
        count++;
      }
      return count;
    });
  }

  /** Drops parked writes for good. @returns how many */
  discard(target: string, sequence?: number): number {
    return this.#drop(this.#parked(target, sequence));
  }

  /** Drops all writes for a target, parked and waiting, for good. @returns how many */
  discardAll(target: string): number {
    return this.#drop(this.#all(target));
  }

  #drop(rows: readonly Row[]): number {
    return this.#shrink(() => {
      for (const { sequence } of rows) this.#delete(sequence);
      return rows.length;
    });
  }

  #all(target: string): Row[] {
    return this.#database.all(
      `SELECT ${summaryColumns} FROM writes WHERE target = ? ORDER BY sequence`,
      target,
    ) as Row[];
  }

  #parked(target: string, sequence?: number): Row[] {
    const only = sequence === undefined ? "" : " AND sequence = ?";
    return this.#prepare(
      `SELECT ${summaryColumns} FROM writes
       WHERE parked_ms IS NOT NULL AND target = ?${only} ORDER BY sequence`,
    ).all(target, ...(sequence === undefined ? [] : [sequence])) as Row[];
  }

  status(target: string): QueueStatus {
    return this.#change(() => {
      const waiting = this.#prepare(
        "SELECT count(*) AS count FROM writes WHERE parked_ms IS NULL AND target = ?",
      ).get(target) as { count: number };
      const oldest = this.#prepare(
        `SELECT ${summaryColumns} FROM writes
         WHERE parked_ms IS NULL AND target = ? ORDER BY sequence LIMIT 1`,
      ).get(target) as Row | undefined;
      const elsewhere = this.#prepare(
        "SELECT target, count(*) AS count FROM writes WHERE target <> ? GROUP BY target",
      ).all(target) as { target: string; count: number }[];
      return {
        waiting: waiting.count,
        oldest: oldest && summaryOf(oldest),
        parked: this.#parked(target).map(summaryOf),
        bytes: this.#bytes(),
        elsewhere: Object.fromEntries(elsewhere.map(({ target: other, count }) => [other, count])),
      };
    });
  }

  /**
   * Runs `action` while no other process, and nothing else in this one, takes writes out.
   * @throws {QueueBusyError} if another process does
   */
  async exclusively<T>(action: () => Promise<T>): Promise<T> {
    const release = this.#despiteFullDisk(() => tryLock(queueDatabase(`${this.path}.lock`)));
    if (release === undefined) {
      throw new QueueBusyError("Another process is sending the queued writes.", {
        hint: "Wait until it is done; ragfood queue shows how many are left.",
      });
    }
    try {
      return await action();
    } finally {
      release();
    }
  }

  /**
   * Returns the space of sent writes to the disk, so that the file keeps none of their content.
   * @param pages minimum free pages of 4 KiB; with fewer, compaction is skipped
   */
  compact(pages: number = smallestCompaction): void {
    if (this.#database.get("SELECT 1 FROM writes LIMIT 1") !== undefined) return;
    if (this.#database.pragma("freelist_count") < pages) return;
    try {
      this.#database.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // Another process reads: the next drain compacts.
    }
  }

  close(): void {
    this.#database.close();
  }

  #prepare(sql: string): StatementSyncInstance {
    return this.#database.prepare(sql);
  }

  #read<T>(action: () => T): T {
    return this.#database.guard(action);
  }

  #change<T>(action: () => T): T {
    return this.#database.transaction(action);
  }

  /** A change that frees space: it may use the reserve of a full disk. */
  #shrink<T>(action: () => T): T {
    return this.#despiteFullDisk(() => this.#change(action));
  }

  #despiteFullDisk<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!mayBeFullDisk(this.path, error) || !this.#reserve.release()) throw error;
      return action();
    }
  }
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}

function isIntact(row: EntryRow): boolean {
  return row.checksum === writeChecksum(row);
}

function summaryOf({ records, queued_ms: queuedMs, ...row }: Row): QueuedSummary {
  return { ...row, records: records ?? undefined, queuedAt: new Date(queuedMs) };
}
