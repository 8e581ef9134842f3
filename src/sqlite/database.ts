import { closeSync, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import { makeDirectories } from "../foundation/directories.ts";
import { ownerFile } from "../foundation/owner-only.ts";
import { counted } from "../foundation/plural.ts";
import { type DatabaseFile, type Failure, guard, pathFailure } from "./failures.ts";
import { identityOf } from "./files.ts";
import { keepDamagedLog, keptLogOf, unreadTransactions } from "./write-ahead-log.ts";

export type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";

/** A value that a statement takes. */
export type Parameter = string | number | null | Uint8Array;

export interface OpenOptions {
  /** The file or a `file:` URL to open in place of the path. */
  readonly location?: string | URL;
  readonly readOnly?: boolean;
  /** Milliseconds to wait while another process writes. Default 10,000. */
  readonly busyTimeoutMs?: number;
  /** Rows come as lists, in the order of the columns. */
  readonly rowsAsLists?: boolean;
  /** Checks or prepares the database; if it throws, the database is closed. */
  readonly prepare?: (database: Database) => void;
}

const defaultBusyTimeoutMs = 10_000;

/** An open SQLite file with each of its statements prepared once. Failures are errors of its room. */
export class Database {
  readonly file: DatabaseFile;
  readonly #database: DatabaseSyncInstance;
  readonly #rowsAsLists: boolean;
  /** Milliseconds that a transaction waits, blocking, while another process writes. */
  readonly busyTimeoutMs: number;
  readonly #statements = new Map<string, StatementSyncInstance>();
  #keepsLog = false;
  /** Differs once one of the files has been replaced or removed; `undefined` if that does not matter. */
  #identity: string | undefined;

  private constructor(
    file: DatabaseFile,
    database: DatabaseSyncInstance,
    { rowsAsLists = false, busyTimeoutMs = defaultBusyTimeoutMs }: OpenOptions,
  ) {
    this.file = file;
    this.#database = database;
    this.#rowsAsLists = rowsAsLists;
    this.busyTimeoutMs = busyTimeoutMs;
  }

  /**
   * Opens a file. For writing, a missing file is created with its directories.
   * @throws {Error} of the room, by `file.toError`
   */
  static open(file: DatabaseFile, options: OpenOptions = {}): Database {
    const { path } = file;
    const {
      readOnly = false,
      busyTimeoutMs: timeout = defaultBusyTimeoutMs,
      location = path,
      prepare,
    } = options;
    const tooLong = pathFailure(typeof location === "string" ? location : path);
    if (tooLong) throw file.toError(tooLong, undefined);
    return guard(file, () => {
      if (!readOnly && path !== "" && path !== ":memory:") {
        makeDirectories(dirname(path));
        // SQLite gives its logs the rights of the file.
        if (!existsSync(path)) closeSync(openSync(path, "a", ownerFile));
      }
      const driver = new DatabaseSync(location, { readOnly, timeout });
      const database = new Database(file, driver, options);
      try {
        prepare?.(database);
        if (database.#keepsLog) database.#identity = identityOfAll(path);
        return database;
      } catch (error) {
        driver.close();
        throw error;
      }
    });
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** The driver's own handle, for its functions that take one. */
  get handle(): DatabaseSyncInstance {
    return this.#database;
  }

  /**
   * From here on a committed transaction is on disk before the call that made it returns (sqlite.org/wal.html).
   * Reports, and keeps, a log that a crash has left damaged.
   */
  writeDurably(): void {
    const { path } = this.file;
    if (path === ":memory:") return;
    const mayBeDamaged = this.guard(() => unreadTransactions(`${path}-wal`)) > 0;
    // The log is opened by the first read.
    this.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; SELECT 1 FROM sqlite_schema");
    this.#keepsLog = true;
    // Another process may have been writing: check again while no other process can.
    if (mayBeDamaged) this.transaction(() => reportDamagedLog(path));
  }

  /** Puts all into the file and keeps no log from here on: the file can be copied on its own. */
  foldLog(): void {
    this.exec("PRAGMA journal_mode = DELETE");
    this.#keepsLog = false;
    this.#identity = undefined;
  }

  /**
   * Rewrites the file, so that nothing of replaced or deleted rows remains in it or in its log: SQLite keeps old content
   * in free pages and free parts of pages. Needs room for a second copy meanwhile.
   *
   * @throws {Error} of the room, if another process uses the file or the disk is full; the rows stay as they are
   */
  compact(): void {
    this.exec("PRAGMA secure_delete = ON; VACUUM");
    // Its value says whether a reader kept old pages in use.
    if (this.pragma("wal_checkpoint(TRUNCATE)") !== 0) {
      const hint = "Stop that process, then run the command again.";
      throw this.file.toError({ kind: "busy", problem: "another process reads it", hint }, undefined);
    }
  }

  /** Runs `action`, whose failures become errors of this database's room. */
  guard<T>(action: () => T): T {
    return guard(this.file, action);
  }

  exec(sql: string): void {
    this.guard(() => this.#database.exec(sql));
  }

  /** A statement, prepared once. */
  prepare(sql: string): StatementSyncInstance {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.guard(() => this.#database.prepare(sql));
      if (this.#rowsAsLists) statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  get(sql: string, ...values: readonly Parameter[]): unknown {
    return this.guard(() => this.prepare(sql).get(...values));
  }

  all(sql: string, ...values: readonly Parameter[]): unknown[] {
    return this.guard(() => this.prepare(sql).all(...values));
  }

  /** The rows of a query one after the other; the database is locked against writers until the last. */
  *each(sql: string, ...values: readonly Parameter[]): Generator<unknown> {
    const rows = this.guard(() => this.prepare(sql).iterate(...values));
    try {
      for (;;) {
        const { done, value } = this.guard(() => rows.next());
        if (done) return;
        yield value;
      }
    } finally {
      // A reader that stops early ends the lock too.
      rows.return?.();
    }
  }

  /** The value of a pragma; 0 if it has no value. */
  pragma(name: string): number {
    const row = this.get(`PRAGMA ${name}`);
    return (Array.isArray(row) ? row[0] : Object.values(row ?? {})[0]) ?? 0;
  }

  /** Runs `action` whole or not at all; on disk when this returns if the database writes durably. */
  transaction<T>(action: () => T): T {
    return this.run("BEGIN IMMEDIATE", action);
  }

  /** As `transaction`, with another kind of BEGIN. */
  run<T>(begin: string, action: () => T): T {
    return this.guard(() => {
      this.begin(begin);
      try {
        const result = action();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        this.rollBack();
        throw error;
      }
    });
  }

  /** Runs `action`, which fails at once while another process writes. */
  withoutWaiting<T>(action: () => T): T {
    this.exec("PRAGMA busy_timeout = 0");
    try {
      return action();
    } finally {
      if (this.isOpen) this.exec(`PRAGMA busy_timeout = ${this.busyTimeoutMs}`);
    }
  }

  /** Begins a transaction that the caller ends by COMMIT or `rollBack`: for one that waits between statements. */
  begin(begin = "BEGIN IMMEDIATE"): void {
    this.#requireInPlace();
    this.exec(begin);
  }

  /** Ends a transaction without its changes, if a full disk has not ended it already. */
  rollBack(): void {
    if (this.#database.isTransaction) this.exec("ROLLBACK");
  }

  /** A file that was replaced or removed still takes writes, and loses them. */
  #requireInPlace(): void {
    const { path } = this.file;
    if (this.#identity === undefined || identityOfAll(path) === this.#identity) return;
    const isLogGone = !existsSync(`${path}-wal`) && this.#identity.startsWith(`${identityOf(path)},`);
    // Its content is still there for this process.
    if (isLogGone) this.#checkpoint();
    throw this.file.toError(isLogGone ? { ...replaced, problem: logRemoved } : replaced, undefined);
  }

  #checkpoint(): void {
    try {
      // Other processes are not waited for.
      this.#database.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // A full disk, or another process reads: the log keeps what it holds.
    }
  }

  close(): void {
    if (!this.isOpen) return;
    // The driver leaves this to the garbage collection of its statements.
    if (this.#keepsLog) this.#checkpoint();
    this.#statements.clear();
    this.#database.close();
  }
}

const replaced: Failure = {
  kind: "replaced",
  problem: "it was replaced or removed while it was open",
  hint: "Restart the command or the server.",
};
const logRemoved = "its log was removed while it was open; acknowledged writes were saved";

/** Tells the file, its log and the index of that log from others of the same names. */
function identityOfAll(path: string): string {
  return ["", "-wal", "-shm"].map((suffix) => identityOf(path + suffix)).join();
}

function reportDamagedLog(path: string): void {
  const count = unreadTransactions(`${path}-wal`);
  if (count === 0) return;
  keepDamagedLog(path);
  process.emitWarning(
    `The log ${path}-wal was damaged by a crash: ${counted(count, "transaction")} in it cannot be read, and may be missing from ${path}. ${keptLogOf(path)} keeps a copy. Check with ragfood doctor.`,
    { code: "RAGFOOD_DAMAGED_LOG" },
  );
}
