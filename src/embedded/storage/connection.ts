import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { StorageError } from "../../foundation/errors.ts";
import type { Database, Parameter, StatementSyncInstance } from "../../sqlite/database.ts";
import { isBusy } from "../../sqlite/failures.ts";
import { backupDatabase } from "./backup.ts";
import { type DatabaseOptions, openDatabase, readOnlyFailure } from "./database.ts";
import { unchangingState } from "./read-only.ts";
import { type VerifyReport, verifyDatabase, verifyFile } from "./verify.ts";

/** Milliseconds between attempts to write while another process writes, at random in this range. */
const retryMs = { least: 1, most: 4 };

/** The open database of an index: statements, transactions, snapshots. Every method may throw a StorageError. */
export class Connection {
  readonly path: string;
  readonly #database: Database;
  /** Nothing can be written. */
  readonly isReadOnly: boolean;
  /** Of a read-only file. */
  readonly #state: string | undefined;
  #ownCommits = 0;
  /** Settles when the last write that was asked for is done. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(path: string, options: DatabaseOptions = {}) {
    // A relative path would mean another file after the process changes its directory.
    this.path = path === ":memory:" ? path : resolve(path);
    const { database, isReadOnly } = openDatabase(this.path, options);
    this.#database = database;
    this.isReadOnly = isReadOnly;
    this.#state = isReadOnly ? unchangingState(this.path) : undefined;
  }

  get isOnDisk(): boolean {
    return this.path !== ":memory:";
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  /** Puts all into the file, which can then be copied on its own; nothing is written afterwards. */
  foldLog(): void {
    this.#database.foldLog();
  }

  close(): void {
    this.#database.close();
  }

  /** Compares the whole index on disk with its checksums and counters. */
  verify(): VerifyReport {
    this.#requireOpen();
    return this.path === ":memory:"
      ? this.snapshot(() => verifyDatabase(this.#database))
      : verifyFile(this.path);
  }

  /**
   * Copies the current state of the index into one file, while other processes write.
   * @throws {StorageError} if the index is in memory or damaged, or the file cannot be written
   */
  async backup(file: string): Promise<void> {
    this.#requireOpen();
    await backupDatabase(this.path, file);
  }

  /** A statement, prepared once. */
  protected prepare(sql: string): StatementSyncInstance {
    this.#requireOpen();
    return this.#database.prepare(sql);
  }

  protected get(sql: string, ...values: Parameter[]): unknown {
    this.#requireOpen();
    return this.#database.get(sql, ...values);
  }

  protected guard<T>(action: () => T): T {
    return this.#database.guard(action);
  }

  /** Runs `action` whole or not at all; on disk when this returns. */
  transaction<T>(action: () => T): T {
    if (this.isReadOnly) throw readOnlyFailure(this.path);
    const result = this.#run("BEGIN IMMEDIATE", action);
    this.#ownCommits++;
    return result;
  }

  /**
   * Runs a write after those that were asked for before it. While another process writes, it waits without blocking the
   * event loop; `transaction` blocks it.
   *
   * @param write may run several times, and changes nothing until it holds the lock
   */
  whenFree<T>(write: () => T): Promise<T> {
    const result = this.#lastWrite.then(() => this.#retryWhileBusy(write));
    this.#lastWrite = result.catch(() => {});
    return result;
  }

  async #retryWhileBusy<T>(write: () => T): Promise<T> {
    const end = performance.now() + this.#database.busyTimeoutMs;
    for (;;) {
      this.#requireOpen();
      try {
        return this.#database.withoutWaiting(write);
      } catch (error) {
        if (!isBusy(this.path, error) || performance.now() > end) throw error;
      }
      await wait(retryMs.least + Math.random() * (retryMs.most - retryMs.least));
    }
  }

  /** Every read inside sees one state of the index, even if other processes write. */
  snapshot<T>(action: () => T): T {
    this.#requireOpen();
    if (this.#database.isInTransaction) return action();
    return this.#run("BEGIN", () => {
      // SQLite chooses the state at the first read, and version() is not one.
      this.prepare("SELECT 1 FROM settings").get();
      return action();
    });
  }

  #requireOpen(): void {
    if (this.isOpen) return;
    throw new StorageError(this.path, `The index at ${this.path} is closed.`, { hint: "Open it again." });
  }

  /** A read-only file is opened without locks: it must not change. */
  #requireUnchanged(): void {
    if (!this.isReadOnly || unchangingState(this.path) === this.#state) return;
    throw new StorageError(this.path, `The index at ${this.path} was changed while it was open.`, {
      hint: "Restart the command or the server.",
    });
  }

  #run<T>(begin: string, action: () => T): T {
    this.#requireOpen();
    this.#requireUnchanged();
    return this.#database.run(begin, action);
  }

  /** Changes whenever this or another process has committed. */
  version(): string {
    return `${this.dataVersion()}.${this.#ownCommits}`;
  }

  /** Changes whenever another connection, of this or another process, has committed. */
  dataVersion(): number {
    const row = this.prepare("PRAGMA data_version").get() as { data_version: number };
    return row.data_version;
  }
}
