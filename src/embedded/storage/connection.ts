import { resolve } from "node:path";
import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";
import { StorageError } from "../../errors.ts";
import { backupDatabase } from "./backup.ts";
import { type DatabaseOptions, openDatabase } from "./database.ts";
import { guard } from "./failures.ts";
import { identityOf } from "./files.ts";
import { type VerifyReport, verifyDatabase, verifyFile } from "./verify.ts";

/** A database file that is open: statements, transactions, snapshots. Every method may throw a StorageError. */
export class Connection {
  readonly path: string;
  readonly #database: DatabaseSyncInstance;
  /** Tells the file from one that took its place; `undefined` for an index in memory. */
  readonly #identity: string | undefined;
  readonly #statements = new Map<string, StatementSyncInstance>();
  #ownCommits = 0;

  constructor(path: string, options: DatabaseOptions = {}) {
    // A relative path would mean another file once the process changes its directory.
    this.path = path === ":memory:" ? path : resolve(path);
    this.#database = openDatabase(this.path, options);
    this.#identity = identityOf(this.path);
  }

  get isOnDisk(): boolean {
    return this.#identity !== undefined;
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
    return this.path === ":memory:"
      ? this.snapshot(() => verifyDatabase(this.#database))
      : verifyFile(this.path);
  }

  /**
   * Copies the index as it is now into one file, while others write.
   * @throws {StorageError} when the index is kept in memory, or is damaged, or the file cannot be written
   */
  backup(file: string): Promise<void> {
    return backupDatabase(this.path, file);
  }

  /** A statement, prepared once. */
  protected prepare(sql: string): StatementSyncInstance {
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
    const result = this.#run("BEGIN IMMEDIATE", action);
    this.#ownCommits++;
    return result;
  }

  /** Every read inside sees one state of the index, whatever other processes write. */
  snapshot<T>(action: () => T): T {
    if (this.#database.isTransaction) return action();
    return this.#run("BEGIN", () => {
      // The state is chosen at the first read, and version() is none.
      this.prepare("SELECT 1 FROM settings").get();
      return action();
    });
  }

  /** A file that was replaced or removed takes writes still, and loses them. */
  #requireInPlace(): void {
    if (identityOf(this.path) === this.#identity) return;
    throw new StorageError(
      this.path,
      `The index at ${this.path} was replaced or removed while it was open.`,
      {
        hint: "Open it again; start the command anew.",
      },
    );
  }

  #run<T>(begin: string, action: () => T): T {
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
