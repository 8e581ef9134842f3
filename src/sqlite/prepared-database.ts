import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";

/** A SQLite database with each of its statements prepared once. */
export class PreparedDatabase {
  readonly #database: DatabaseSyncInstance;
  readonly #statements = new Map<string, StatementSyncInstance>();

  /** @param database open, and from now on closed here */
  constructor(database: DatabaseSyncInstance) {
    this.#database = database;
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  prepare(sql: string): StatementSyncInstance {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  transaction<T>(action: () => T): T {
    return transaction(this.#database, action);
  }

  close(): void {
    if (!this.#database.isOpen) return;
    try {
      // The driver leaves this to the collection of its statements. Whoever works on is not waited for.
      this.#database.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // A full disk, or a reader in the way: the log keeps what it holds.
    }
    this.#statements.clear();
    this.#database.close();
  }
}

/** All of `action`, or nothing of it; on disk when this returns. */
export function transaction<T>(database: DatabaseSyncInstance, action: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = action();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk ends the transaction by itself.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
