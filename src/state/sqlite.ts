import { setTimeout as wait } from "node:timers/promises";
import { Database } from "../sqlite/database.ts";
import {
  type DatabaseFile,
  type FailureKind,
  failureOf,
  isFailedWrite,
  mayBeFullDisk,
} from "../sqlite/failures.ts";
import { Reserve } from "../sqlite/reserve.ts";
import { prepareSchema, type Schema } from "../sqlite/schema.ts";
import { additionsFor, type Column } from "./columns.ts";
import {
  defaultTimeoutMs,
  type StateDatabase,
  type StateRow,
  type StateSession,
  type StateValue,
  type TransactionOptions,
} from "./database.ts";
import { migrations } from "./migrations.ts";
import { closedError, laterVersion, StateError } from "./state-error.ts";
import { Deadline, refuseNested, runInside, sessionEnded } from "./transactions.ts";
import { requireStorable } from "./values.ts";

/** "RFST" in ASCII: marks a SQLite file as ragfood's state. */
const applicationId = 0x52_46_53_54;

/** Several times the log space that a transaction which frees space needs. */
const reserveBytes = 1_048_576;

/** Longest time in milliseconds that a statement blocks this thread for another process. */
const busyTimeoutMs = 5;

/** Milliseconds between two attempts to begin while another process writes; chance keeps processes out of step. */
const retryMs = { least: 2, most: 25 } as const;

export interface SqliteStateOptions {
  /** Replaces the store's clock in tests; milliseconds since 1970. */
  readonly now?: () => number;
  /** Replaces the tables, in tests. */
  readonly migrations?: readonly string[];
}

/**
 * Opens or creates the state of one machine in a SQLite file. Several processes may use it at the same time.
 * A committed transaction is on disk.
 *
 * @param path for example `.ragfood/state.sqlite3`
 * @throws {StateError} if the file cannot be used, or is of a later version
 */
export function openSqliteState(path: string, options: SqliteStateOptions = {}): StateDatabase {
  const database = Database.open(stateFile(path), {
    prepare: (opened) => {
      opened.writeDurably();
      const schema = schemaOf(path, options.migrations ?? migrations);
      prepareSchema(opened, schema);
      const additions = () => additionsFor(columnsOf(opened), schema.tables, path);
      // Two processes may do this at once: only what is found under the lock is certain.
      if (additions() !== "") opened.transaction(() => opened.exec(additions()));
      opened.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA foreign_keys = ON`);
    },
  });
  return new SqliteState(database, options.now ?? Date.now);
}

/**
 * Rewrites the file of a state, so that no content of former rows remains in it: queued writes among them.
 * @throws {StateError} if another process uses it, or the disk is full; the rows stay as they are
 */
export function compactSqliteState(path: string): void {
  const database = Database.open(stateFile(path), { prepare: (opened) => opened.writeDurably() });
  try {
    database.compact();
  } finally {
    database.close();
  }
}

class SqliteState implements StateDatabase {
  readonly kind = "sqlite";
  readonly #database: Database;
  readonly #now: () => number;
  /** Absent for a state in memory. */
  readonly #reserve: Reserve | undefined;
  /** Settles when the transactions that were asked for so far have ended: one connection takes one at a time. */
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
    const { path } = database.file;
    this.#reserve = path === ":memory:" ? undefined : new Reserve(`${path}.reserve`, reserveBytes);
  }

  get location(): string {
    return this.#database.file.path;
  }

  async transaction<T>(
    work: (session: StateSession) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    refuseNested(this);
    const { reserve } = options;
    try {
      const result = await this.#transact(work, options);
      if (reserve === "keep") this.#reserve?.keep();
      return result;
    } catch (error) {
      const isFull = mayBeFullDisk(this.location, error);
      if (reserve !== "use" || !isFull || !this.#reserve?.release()) throw error;
      return await this.#transact(work, options);
    }
  }

  async #transact<T>(
    work: (session: StateSession) => Promise<T>,
    { readOnly = false, timeoutMs = defaultTimeoutMs, signal }: TransactionOptions,
  ): Promise<T> {
    if (this.#isClosed) throw closedError(this.location);
    const deadline = new Deadline(this.location, timeoutMs, signal);
    const endTurn = await this.#takeTurn(deadline);
    try {
      await this.#begin(readOnly, deadline);
      return await this.#run(work, deadline);
    } finally {
      endTurn();
      if (readOnly) this.#database.exec("PRAGMA query_only = 0");
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    this.#database.close();
  }

  async #takeTurn(deadline: Deadline): Promise<() => void> {
    const before = this.#last;
    let endTurn = () => {};
    const turn = new Promise<void>((resolve) => {
      endTurn = resolve;
    });
    this.#last = before.then(() => turn);
    try {
      await deadline.limit(before);
    } catch (error) {
      endTurn();
      throw error;
    }
    return endTurn;
  }

  /** Waits without blocking this thread while another process writes. */
  async #begin(readOnly: boolean, deadline: Deadline): Promise<void> {
    if (readOnly) this.#database.exec("PRAGMA query_only = 1");
    for (;;) {
      try {
        this.#database.begin(readOnly ? "BEGIN" : "BEGIN IMMEDIATE");
        return;
      } catch (error) {
        const isBusy = error instanceof StateError && error.reason === "unavailable";
        if (!isBusy || deadline.remainingMs === 0) throw error;
      }
      await deadline.limit(wait(retryMs.least + Math.random() * (retryMs.most - retryMs.least)));
    }
  }

  async #run<T>(work: (session: StateSession) => Promise<T>, deadline: Deadline): Promise<T> {
    const session = new SqliteSession(this.#database, this.#now);
    try {
      const result = await deadline.limit(runInside(this, () => work(session)));
      session.requireWhole();
      this.#commit();
      return result;
    } catch (error) {
      this.#database.rollBack();
      throw error;
    } finally {
      session.end();
    }
  }

  #commit(): void {
    try {
      this.#database.exec("COMMIT");
    } catch (error) {
      // After a failure of the disk, the log may hold the commit or not. A full disk has undone it, and a write to the
      // log that failed did not reach the commit.
      const { reason, message, hint, problem, cause } = error as StateError;
      const kind = failureOf(this.location, cause)?.kind;
      if ((kind !== "disk" && kind !== "disk-full") || isFailedWrite(cause)) throw error;
      throw new StateError(reason, message, {
        cause: error,
        ...(hint !== undefined && { hint }),
        ...(problem !== undefined && { problem }),
        mayHaveCommitted: true,
      });
    }
  }
}

class SqliteSession implements StateSession {
  readonly #database: Database;
  readonly #now: () => number;
  #hasEnded = false;
  #failure: unknown;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  async all<Row extends object = StateRow>(sql: string, ...values: readonly StateValue[]): Promise<Row[]> {
    return this.#execute(values, () => this.#database.all(sql, ...values) as Row[]);
  }

  async get<Row extends object = StateRow>(
    sql: string,
    ...values: readonly StateValue[]
  ): Promise<Row | undefined> {
    // Not the driver's `get`, which leaves a statement with RETURNING unfinished after its first row.
    return (await this.all<Row>(sql, ...values))[0];
  }

  async run(sql: string, ...values: readonly StateValue[]): Promise<number> {
    return this.#execute(values, () =>
      this.#database.guard(() => Number(this.#database.prepare(sql).run(...values).changes)),
    );
  }

  async now(): Promise<number> {
    return this.#now();
  }

  end(): void {
    this.#hasEnded = true;
  }

  /** @throws {Error} of a statement that failed, also if the work went on after it: PostgreSQL refuses that too */
  requireWhole(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #execute<T>(values: readonly StateValue[], statement: () => T): T {
    if (this.#hasEnded) throw sessionEnded();
    try {
      requireStorable(values);
      return statement();
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }
}

function columnsOf(database: Database): Column[] {
  return database.all(
    `SELECT t.name AS "table", c.name AS "column" FROM sqlite_schema t JOIN pragma_table_info(t.name) c
     WHERE t.type = 'table'`,
  ) as Column[];
}

function stateFile(path: string): DatabaseFile {
  return {
    path,
    toError: ({ kind, problem, hint }, cause) =>
      new StateError(
        kind === "busy" ? "unavailable" : "storage",
        `The state in ${path} cannot be used: ${problem}.`,
        { cause, hint: hints[kind] ?? hint, problem },
      ),
  };
}

const hints: Partial<Record<FailureKind, string>> = {
  busy: "Try again: another process was writing all the time.",
  disk: "Check the disk. The last transaction may be missing; earlier ones are kept.",
  full: "Free some space; what was stored is kept.",
  "disk-full": "Free some space; what was stored is kept.",
  damaged: "Stop ragfood, and restore the latest backup of the state: docs/backup.md.",
};

function schemaOf(path: string, steps: readonly string[]): Schema {
  return {
    applicationId,
    version: steps.length,
    tables: steps.join("\n"),
    upgrades: steps.slice(1).map((sql) => (database) => database.exec(sql)),
    foreign: () =>
      new StateError("version", `The file ${path} is a database of another program.`, {
        hint: "Move it away, or name another directory by RAGFOOD_DIR.",
      }),
    later: (version) => laterVersion(path, version, steps.length),
  };
}
