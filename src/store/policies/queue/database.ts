import { StorageError } from "../../../foundation/errors.ts";
import { checksum } from "../../../sqlite/checksum.ts";
import { Database } from "../../../sqlite/database.ts";
import { type DatabaseFile, storageFile } from "../../../sqlite/failures.ts";
import { prepareSchema, type Schema } from "../../../sqlite/schema.ts";

/** `sequence` is never used twice, so it orders writes for good; `parked_ms` is null for a write that waits. */
const tables = `
  CREATE TABLE writes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL,
    namespace TEXT NOT NULL,
    operation TEXT NOT NULL,
    records INTEGER,
    payload TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    queued_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL,
    parked_ms INTEGER,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX waiting ON writes (target, namespace) WHERE parked_ms IS NULL;
  CREATE TABLE totals (bytes INTEGER NOT NULL) STRICT;
  INSERT INTO totals VALUES (0);
  CREATE TRIGGER write_added AFTER INSERT ON writes BEGIN UPDATE totals SET bytes = bytes + NEW.bytes; END;
  CREATE TRIGGER write_removed AFTER DELETE ON writes BEGIN UPDATE totals SET bytes = bytes - OLD.bytes; END;
`;

const schema = (path: string): Schema => ({
  applicationId: 0,
  version: 2,
  tables,
  upgrades: [addChecksums],
  foreign: () =>
    new StorageError(path, `The file ${path} is a database of another program.`, {
      hint: "Move it away, or name another directory by RAGFOOD_DIR.",
    }),
  later: () =>
    new StorageError(path, `The queue at ${path} was made by a later version of ragfood.`, {
      hint: "Use that version to drain it.",
    }),
});

/** What the checksum of a write covers: all that decides what is sent, where, and when. */
export interface SealedColumns {
  readonly sequence: number;
  readonly target: string;
  readonly namespace: string;
  readonly operation: string;
  readonly payload: string;
}

export function writeChecksum({ sequence, target, namespace, operation, payload }: SealedColumns): number {
  return checksum(sequence, target, namespace, operation, payload);
}

/** No checksum has this value. */
const damagedChecksum = -1;

/** Version 1 had no checksums: entries that can be parsed are accepted as they are. */
function addChecksums(database: Database): void {
  database.exec(`ALTER TABLE writes ADD COLUMN checksum INTEGER NOT NULL DEFAULT ${damagedChecksum}`);
  const sequences = database.all("SELECT sequence FROM writes") as { sequence: number }[];
  for (const { sequence } of sequences) {
    const row = database.get(
      "SELECT sequence, target, namespace, operation, payload FROM writes WHERE sequence = ?",
      sequence,
    ) as SealedColumns;
    if (isJson(row.payload)) {
      database.get("UPDATE writes SET checksum = ? WHERE sequence = ?", writeChecksum(row), sequence);
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The database of a queue, as errors describe it. */
export function queueDatabase(path: string): DatabaseFile {
  return storageFile(path, `The queue of writes at ${path}`, {
    full: {
      hint: "Free some space, then run: ragfood queue drain. Queued writes are kept; one that is sent twice changes nothing.",
    },
    disk: { hint: "Check the disk. Queued writes are kept; one that is sent twice changes nothing." },
    damaged: {
      hint: "Keep the writes that can be read with: ragfood queue repair. Then check the disk.",
    },
    "not-a-database": { hint: "Put it aside with: ragfood queue repair. The next write makes a new queue." },
  });
}

/**
 * Opens or creates the database of a queue. A committed transaction is on disk before the call that made it returns.
 * @throws {StorageError} if the file cannot be opened, or is of a later version
 */
export function openQueueDatabase(path: string): Database {
  return Database.open(queueDatabase(path), {
    prepare: (database) => {
      database.writeDurably();
      prepareSchema(database, schema(path));
    },
  });
}
