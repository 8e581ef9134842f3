import { existsSync } from "node:fs";
import { QueueBusyError, StorageError } from "../../../foundation/errors.ts";
import type { Database } from "../../../sqlite/database.ts";
import { tryLock } from "../../../sqlite/lock.ts";
import { attempt, rebuild } from "../../../sqlite/repair.ts";
import { openQueueDatabase, queueDatabase } from "./database.ts";

export interface QueueRepairReport {
  /** Writes in the repaired queue; those that are damaged are parked by the next drain. */
  readonly kept: number;
  readonly damagedFile: string;
}

const columns =
  "sequence, target, namespace, operation, records, payload, bytes, queued_ms, attempts, reason, parked_ms, checksum";

/**
 * Copies every write that can be read into a new queue, with its number. The damaged file is kept beside it.
 *
 * @throws {QueueBusyError} while another process sends the writes
 * @throws {StorageError} if the file does not exist, or the disk refuses; the damaged file stays
 */
export function repairQueue(path: string): QueueRepairReport {
  const file = queueDatabase(path);
  if (!existsSync(path)) throw new StorageError(path, `The write queue ${path} does not exist.`);
  const release = tryLock(queueDatabase(`${path}.lock`));
  if (release === undefined) {
    throw new QueueBusyError("Another process is sending the queued writes.", {
      hint: "Wait until it is done, then repair the queue.",
    });
  }
  try {
    const { result: kept, damagedFile } = rebuild(file, (source, draft) => {
      const target = openQueueDatabase(draft);
      try {
        const count = source === undefined ? 0 : copyWrites(source, target);
        target.foldLog();
        return count;
      } finally {
        target.close();
      }
    });
    return { kept, damagedFile };
  } finally {
    release();
  }
}

function copyWrites(source: Database, target: Database): number {
  const last = Math.max(
    ...[
      "SELECT seq AS last FROM sqlite_sequence WHERE name = 'writes'",
      "SELECT max(sequence) AS last FROM writes",
    ].map((sql) => attempt(() => source.get(sql) as { last: number | null } | undefined)?.last ?? 0),
  );
  let count = 0;
  target.transaction(() => {
    for (let sequence = 1; sequence <= last; sequence++) {
      const sql = `SELECT ${columns} FROM writes WHERE sequence = ?`;
      const row = attempt(() => source.get(sql, sequence)) as Record<string, string | number> | undefined;
      if (row === undefined) continue;
      const values = Object.values(row);
      const places = values.map(() => "?").join(", ");
      // A value of another type than its column has is damage, too.
      const added = attempt(() =>
        target.get(`INSERT INTO writes (${columns}) VALUES (${places}) RETURNING 1`, ...values),
      );
      if (added) count++;
    }
    // Numbers that were used stay used.
    target.get("DELETE FROM sqlite_sequence WHERE name = 'writes'");
    target.get("INSERT INTO sqlite_sequence (name, seq) VALUES ('writes', ?)", last);
  });
  return count;
}
