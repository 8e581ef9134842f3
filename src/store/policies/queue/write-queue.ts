import { InvalidRequestError, QueueBusyError, QueueFullError } from "../../../foundation/errors.ts";
import type { Database, StatementSyncInstance } from "../../../sqlite/database.ts";
import { tryLock } from "../../../sqlite/lock.ts";
import { type BatchLimits, nextBatch, type QueuedEntry, type WriteBatch } from "./batch.ts";
import { openQueueDatabase, queueDatabase } from "./database.ts";
import { encodeWrite, recordsNamed, splitWrite, type Write } from "./write.ts";

export interface WriteQueueOptions {
  /** A file; its lock is kept beside it. */
  readonly path: string;
  /** Bytes of writes, waiting and parked, that it takes at the most. Default 256 MiB. */
  readonly maximumBytes?: number;
}

/** A queued write without its content. */
export interface QueuedSummary {
  readonly sequence: number;
  readonly namespace: string;
  readonly operation: Write["operation"];
  /** Records that it names; `undefined` where only the store can tell. */
  readonly records: number | undefined;
  readonly queuedAt: Date;
  /** Times that it was sent in vain, by itself or first in a batch. */
  readonly attempts: number;
  /** Why it was queued, or why the last attempt failed, or why it is parked. */
  readonly reason: string;
}

export interface QueueStatus {
  readonly waiting: number;
  readonly oldest: QueuedSummary | undefined;
  /** Writes that the store refused, which do not hold up others any more; oldest first. */
  readonly parked: readonly QueuedSummary[];
  /** Of all writes in the queue. */
  readonly bytes: number;
  /** Writes for other targets, by target: of an index that the settings no longer name. */
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

const defaultMaximumBytes = 256 * 1_024 * 1_024;

const summaryColumns = "sequence, namespace, operation, records, queued_ms, attempts, reason";

/**
 * Writes that wait for their store, on disk, in the order in which they came. Several processes may share
 * the file. Every method may throw a StorageError.
 */
export class WriteQueue {
  readonly path: string;
  readonly #maximumBytes: number;
  readonly #database: Database;

  /** @throws {StorageError} when the file cannot be opened */
  constructor({ path, maximumBytes = defaultMaximumBytes }: WriteQueueOptions) {
    this.path = path;
    this.#maximumBytes = maximumBytes;
    this.#database = openQueueDatabase(path);
  }

  /**
   * Adds a write behind all others, whole or not at all; on disk when this returns.
   *
   * @param target where the write goes, as `status` counts by it: the URL of the index
   * @param reason why it is queued
   * @throws {QueueFullError}
   * @throws {InvalidRequestError} for a namespace that SQLite would keep as another one
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
    const now = Date.now();
    this.#change(() => {
      for (const part of splitWrite(write)) {
        const payload = encodeWrite(part);
        const bytes = Buffer.byteLength(payload);
        this.#requireRoom(bytes, reason);
        this.#prepare(
          `INSERT INTO writes (target, namespace, operation, records, payload, bytes, queued_ms, reason)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ).run(target, namespace, part.operation, recordsNamed(part) ?? null, payload, bytes, now, reason);
      }
    });
  }

  #requireRoom(bytes: number, reason: string): void {
    if (this.#bytes() + bytes <= this.#maximumBytes) return;
    throw new QueueFullError(
      `The write was not carried out (${reason}), and the queue at ${this.path} has no room for it: it takes ${this.#maximumBytes} bytes.`,
      { hint: "Wait until the index is back (ragfood queue drain), or raise WRITE_QUEUE_MB." },
    );
  }

  #bytes(): number {
    return (this.#prepare("SELECT bytes FROM totals").get() as { bytes: number }).bytes;
  }

  /** Whether a write to this namespace, or any write where none is named, would have to go behind others. */
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
   * before older ones of another.
   */
  nextBatch(target: string, limits?: Partial<BatchLimits>): WriteBatch | undefined {
    return this.#read(() => {
      // By the index, SQLite would sort all that waits to find the oldest.
      const rows = this.#prepare(
        `SELECT sequence, namespace, payload, bytes, attempts FROM writes
         WHERE parked_ms IS NULL AND target = ? AND namespace =
           (SELECT namespace FROM writes NOT INDEXED
            WHERE parked_ms IS NULL AND target = ? ORDER BY sequence LIMIT 1)
         ORDER BY sequence`,
      ).iterate(target, target);
      return nextBatch(rows as Iterable<unknown> as Iterable<QueuedEntry>, limits);
    });
  }

  remove(sequences: readonly number[]): void {
    this.#change(() => {
      for (const sequence of sequences) this.#delete(sequence);
    });
  }

  #delete(sequence: number): void {
    this.#prepare("DELETE FROM writes WHERE sequence = ?").run(sequence);
  }

  /** The attempt failed; the write keeps its turn. */
  noteFailure(sequence: number, reason: string): void {
    this.#change(() =>
      this.#prepare("UPDATE writes SET attempts = attempts + 1, reason = ? WHERE sequence = ?").run(
        reason,
        sequence,
      ),
    );
  }

  /** Takes a write that can never succeed out of the way of the others, and keeps it. */
  park(sequence: number, reason: string): void {
    this.#change(() =>
      this.#prepare(
        "UPDATE writes SET attempts = attempts + 1, reason = ?, parked_ms = ? WHERE sequence = ?",
      ).run(reason, Date.now(), sequence),
    );
  }

  /**
   * Queues parked writes anew, as the latest of all: what was written in the meantime is older than they.
   *
   * @param sequence which; default: all of the target
   * @returns how many
   */
  retry(target: string, sequence?: number): number {
    return this.#change(() => {
      const rows = this.#parked(target, sequence);
      for (const row of rows) {
        this.#prepare(
          `INSERT INTO writes (target, namespace, operation, records, payload, bytes, queued_ms, attempts, reason)
           SELECT target, namespace, operation, records, payload, bytes, queued_ms, attempts, reason
           FROM writes WHERE sequence = ?`,
        ).run(row.sequence);
        this.#delete(row.sequence);
      }
      return rows.length;
    });
  }

  /** Drops parked writes for good. @returns how many */
  discard(target: string, sequence?: number): number {
    return this.#change(() => {
      const rows = this.#parked(target, sequence);
      for (const row of rows) this.#delete(row.sequence);
      return rows.length;
    });
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
   * @throws {QueueBusyError} where another does
   */
  async exclusively<T>(action: () => Promise<T>): Promise<T> {
    const release = tryLock(queueDatabase(`${this.path}.lock`));
    if (release === undefined) {
      throw new QueueBusyError("Another process sends the queued writes at this moment.", {
        hint: "Wait until it is done; ragfood queue shows how many are left.",
      });
    }
    try {
      return await action();
    } finally {
      release();
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
}

function summaryOf({ records, queued_ms: queuedMs, ...row }: Row): QueuedSummary {
  return { ...row, records: records ?? undefined, queuedAt: new Date(queuedMs) };
}
