import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { StorageError } from "../../../foundation/errors.ts";
import { transaction } from "../../../sqlite/prepared-database.ts";

const schemaVersion = 1;

/** Milliseconds to wait while another process writes. */
const busyTimeoutMs = 10_000;

/** SQLite's SQLITE_BUSY (sqlite.org/rescode.html). */
const busyCode = 5;

/** `sequence` is never used twice, so that it orders writes for good; `parked_ms` is null for a write that waits. */
const schema = `
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
    parked_ms INTEGER
  ) STRICT;
  CREATE INDEX waiting ON writes (target, namespace) WHERE parked_ms IS NULL;
  CREATE TABLE totals (bytes INTEGER NOT NULL) STRICT;
  INSERT INTO totals VALUES (0);
  CREATE TRIGGER write_added AFTER INSERT ON writes BEGIN UPDATE totals SET bytes = bytes + NEW.bytes; END;
  CREATE TRIGGER write_removed AFTER DELETE ON writes BEGIN UPDATE totals SET bytes = bytes - OLD.bytes; END;
  PRAGMA user_version = ${schemaVersion};
`;

/**
 * Opens, or makes, the database of a queue. A committed transaction is on disk before the call that made
 * it returns (WAL, `synchronous = FULL`).
 *
 * @throws {StorageError} when the file cannot be opened, or is of a later version
 */
export function openQueueDatabase(path: string): DatabaseSyncInstance {
  return guard(path, () => {
    makeDirectories(dirname(path));
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      prepareSchema(database, path);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Node's own `recursive` never returns where the file system will not have a directory, as below /proc. */
function makeDirectories(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(directory) !== directory) makeDirectories(dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    // Another process may have been faster.
    if ((error as { code?: string }).code !== "EEXIST") throw error;
  }
}

function prepareSchema(database: DatabaseSyncInstance, path: string): void {
  transaction(database, () => {
    const { user_version: version } = database.prepare("PRAGMA user_version").get() as {
      user_version: number;
    };
    if (version === 0) database.exec(schema);
    if (version > schemaVersion) {
      throw new StorageError(path, `The queue at ${path} was made by a later version of ragfood.`, {
        hint: "Use that version to drain it.",
      });
    }
  });
}

/**
 * A lock that one process holds until it calls what this returns, or dies: the system frees it then, and no
 * clock has a part in it.
 *
 * @returns `undefined` where another one holds it
 */
export function tryLock(path: string): (() => void) | undefined {
  return guard(path, () => {
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      database.exec("BEGIN EXCLUSIVE");
      return () => database.close();
    } catch (error) {
      database.close();
      if (isBusy(error)) return undefined;
      throw error;
    }
  });
}

function isBusy(error: unknown): boolean {
  const { errcode, message } = error as { errcode?: number; message: string };
  return errcode === undefined ? message.includes("database is locked") : (errcode & 0xff) === busyCode;
}

/** Runs `action`; what SQLite or the file system throws becomes a StorageError that names the file. */
export function guard<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== "string" || !/^(ERR_SQLITE_ERROR|E[A-Z]+)$/.test(code)) throw error;
    throw new StorageError(path, `The queue of writes at ${path}: ${(error as Error).message}.`, {
      cause: error,
      hint: "The write was not acknowledged. Check the disk and the rights to the directory.",
    });
  }
}
