import { resolve } from "node:path";
import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";
import { StorageError } from "../../foundation/errors.ts";
import { backupDatabase } from "./backup.ts";
import { type DatabaseOptions, openDatabase } from "./database.ts";
import { guard, readOnlyFailure } from "./failures.ts";
import { identityOf } from "./files.ts";
import { unchangingState } from "./read-only.ts";
import { type VerifyReport, verifyDatabase, verifyFile } from "./verify.ts";

/** A database file that is open: statements, transactions, snapshots. Every method may throw a StorageError. */
export class Connection {
  readonly path: string;
  readonly #database: DatabaseSyncInstance;
  /** Nothing can be written through it. */
  readonly isReadOnly: boolean;
  /** Tells the file from one that took its place; `undefined` for an index in memory. */
  readonly #identity: string | undefined;
  readonly #statements = new Map<string, StatementSyncInstance>();
  #ownCommits = 0;

  constructor(path: string, options: DatabaseOptions = {}) {
    // A relative path would mean another file once the process changes its directory.
    this.path = path === ":memory:" ? path : resolve(path);
    const { database, isReadOnly } = openDatabase(this.path, options);
    this.#database = database;
    this.isReadOnly = isReadOnly;
    this.#identity = this.#identify();
  }

  get isOnDisk(): boolean {
    return this.#identity !== undefined;
  }

  #identify(): string | undefined {
    return this.isReadOnly ? unchangingState(this.path) : identityOf(this.path);
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  close(): void {
    if (!this.isOpen) return;
    try {
      // The driver leaves this to the collection of its statements. Whoever works on is not waited for.
      this.#database.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // A full disk, or another process in the way: the log keeps what it holds.
    }
    this.#statements.clear();
    this.#database.close();
  }

  /** Compares the whole index with its checksums and counters, as it is on disk. */
  verify(): VerifyReport {
    this.#requireOpen();
    return this.path === ":memory:"
      ? this.snapshot(() => verifyDatabase(this.#database))
      : verifyFile(this.path);
  }

  /**
   * Copies the index as it is now into one file, while others write.
   * @throws {StorageError} when the index is kept in memory, or is damaged, or the file cannot be written
   */
  async backup(file: string): Promise<void> {
    this.#requireOpen();
    await backupDatabase(this.path, file);
  }

  /** A statement, prepared once. */
  protected prepare(sql: string): StatementSyncInstance {
    this.#requireOpen();
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  protected get(sql: string, ...values: (string | number)[]): unknown {
    return guard(this.path, () => this.prepare(sql).get(...values));
  }

  /** All of `action`, or nothing of it; on disk when this returns. */
  transaction<T>(action: () => T): T {
    if (this.isReadOnly) throw readOnlyFailure(this.path);
    const result = this.#run("BEGIN IMMEDIATE", action);
    this.#ownCommits++;
    return result;
  }

  /** Every read inside sees one state of the index, whatever other processes write. */
  snapshot<T>(action: () => T): T {
    this.#requireOpen();
    if (this.#database.isTransaction) return action();
    return this.#run("BEGIN", () => {
      // The state is chosen at the first read, and version() is none.
      this.prepare("SELECT 1 FROM settings").get();
      return action();
    });
  }

  #requireOpen(): void {
    if (this.isOpen) return;
    throw new StorageError(this.path, `The index at ${this.path} is closed.`, { hint: "Open it again." });
  }

  /** A file that was replaced or removed takes writes still, and loses them. */
  #requireInPlace(): void {
    if (this.#identify() === this.#identity) return;
    throw new StorageError(
      this.path,
      `The index at ${this.path} was ${this.isReadOnly ? "changed" : "replaced or removed"} while it was open.`,
      {
        hint: "Open it again; start the command anew.",
      },
    );
  }

  #run<T>(begin: string, action: () => T): T {
    this.#requireOpen();
    this.#requireInPlace();
    return guard(this.path, () => {
      this.#database.exec(begin);
      try {
        const result = action();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        // A full disk ends the transaction by itself.
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** Differs from what it was whenever this or any other process has committed. */
  version(): string {
    const row = this.prepare("PRAGMA data_version").get() as { data_version: number };
    return `${row.data_version}.${this.#ownCommits}`;
  }
}
