import { existsSync, renameSync, rmSync } from "node:fs";
import { attempt } from "../../foundation/attempt.ts";
import { QueueBusyError } from "../../foundation/errors.ts";
import { checksum } from "../../sqlite/checksum.ts";
import { Database } from "../../sqlite/database.ts";
import { type DatabaseFile, storageFile } from "../../sqlite/failures.ts";
import { tryLock } from "../../sqlite/lock.ts";

/** A write in the file of earlier versions. */
export interface FormerWrite {
  readonly sequence: number;
  /** The URL of the index that it is for. */
  readonly target: string;
  readonly namespace: string;
  /** JSON: the call of the store. */
  readonly payload: string;
  readonly queuedMs: number;
  readonly reason: string;
  /** The index refused it. */
  readonly isParked: boolean;
  /** It is not what was queued. */
  readonly isDamaged: boolean;
}

interface Row {
  readonly sequence: number;
  readonly target: string;
  readonly namespace: string;
  readonly operation: string;
  readonly payload: string;
  readonly queued_ms: number;
  readonly reason: string;
  readonly parked_ms: number | null;
  readonly checksum?: number;
}

/** The file in which earlier versions kept the writes of an outage. It is read, and removed once it is imported. */
export class FormerQueue {
  readonly path: string;
  readonly #database: Database;
  readonly #release: () => void;
  #unreadable = 0;
  #isClosed = false;

  /**
   * @throws {QueueBusyError} while an earlier version sends the writes
   * @throws {StorageError} if the file cannot be opened
   */
  constructor(path: string) {
    this.path = path;
    const release = tryLock(former(`${path}.lock`));
    if (release === undefined) {
      throw new QueueBusyError(`An earlier version of ragfood sends the writes of ${path}.`, {
        hint: "Stop it, and try again: its writes are imported.",
      });
    }
    this.#release = release;
    try {
      this.#database = Database.open(former(path));
      // Opening reads nothing.
      this.#database.get("SELECT count(*) FROM sqlite_schema");
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Writes that could not be read. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** In order, above a sequence; without what cannot be read. */
  *writes(after: number): Generator<FormerWrite> {
    const last = Math.max(
      ...[
        "SELECT seq AS last FROM sqlite_sequence WHERE name = 'writes'",
        "SELECT max(sequence) AS last FROM writes",
      ].map(
        (sql) => attempt(() => this.#database.get(sql) as { last: number | null } | undefined)?.last ?? 0,
      ),
    );
    for (let sequence = after + 1; sequence <= last; sequence++) {
      let row: Row | undefined;
      try {
        row = this.#database.get("SELECT * FROM writes WHERE sequence = ?", sequence) as Row | undefined;
      } catch {
        this.#unreadable++;
      }
      if (row) yield toWrite(row);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#database.close();
    this.#release();
  }

  /** Removes the file; what could not be read stays beside it. @returns where that is */
  remove(): string | undefined {
    this.close();
    const aside = this.#unreadable > 0 ? `${this.path}.damaged` : undefined;
    if (aside !== undefined) renameSync(this.path, aside);
    for (const suffix of ["", "-wal", "-shm", ".lock", ".lock-wal", ".lock-shm", ".reserve"]) {
      rmSync(`${this.path}${suffix}`, { force: true });
    }
    return aside;
  }
}

export function hasFormerQueue(path: string): boolean {
  return existsSync(path);
}

function toWrite(row: Row): FormerWrite {
  const { sequence, target, namespace, operation, payload, reason } = row;
  // The first version had no checksums: what can be parsed is taken as it is.
  const isDamaged =
    row.checksum === undefined
      ? attempt(() => JSON.parse(payload)) === undefined
      : row.checksum !== checksum(sequence, target, namespace, operation, payload);
  return {
    sequence,
    target,
    namespace,
    payload,
    queuedMs: row.queued_ms,
    reason,
    isParked: row.parked_ms !== null,
    isDamaged,
  };
}

function former(path: string): DatabaseFile {
  return storageFile(path, `The queue of writes of an earlier version at ${path}`, {
    "not-a-database": { hint: "It cannot be imported. Move it away to go on without its writes." },
    damaged: { hint: "It cannot be imported. Move it away to go on without its writes." },
  });
}
