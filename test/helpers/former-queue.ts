import { DatabaseSync } from "@photostructure/sqlite";
import { checksum } from "../../src/sqlite/checksum.ts";

/** A write as versions before the outbox kept it. */
export interface FormerEntry {
  readonly target: string;
  readonly namespace?: string;
  /** A call of the store: `operation` and its values. */
  readonly write: { readonly operation: string };
  readonly parkedMs?: number;
}

/** Writes the queue file of an earlier version. */
export function writeFormerQueue(path: string, entries: readonly FormerEntry[]): void {
  const database = new DatabaseSync(path);
  database.exec(`CREATE TABLE writes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, namespace TEXT NOT NULL,
    operation TEXT NOT NULL, records INTEGER, payload TEXT NOT NULL, bytes INTEGER NOT NULL,
    queued_ms INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL,
    parked_ms INTEGER, checksum INTEGER NOT NULL) STRICT; PRAGMA user_version = 2`);
  for (const [place, { target, namespace = "", write, parkedMs }] of entries.entries()) {
    const payload = JSON.stringify(write);
    database
      .prepare("INSERT INTO writes VALUES (?, ?, ?, ?, NULL, ?, ?, ?, 0, 'It was down.', ?, ?)")
      .run(
        place + 1,
        target,
        namespace,
        write.operation,
        payload,
        payload.length,
        1_700_000_000_000 + place,
        parkedMs ?? null,
        checksum(place + 1, target, namespace, write.operation, payload),
      );
  }
  database.close();
}
