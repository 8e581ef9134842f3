import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { checkServerIdentity } from "node:tls";
import PQueue from "p-queue";
import pg, { type PoolClient, type PoolConfig } from "pg";
import { CancelledError } from "../../foundation/errors.ts";
import { fileFailure } from "../../foundation/file-failure.ts";
import {
  defaultTimeoutMs,
  type StateDatabase,
  type StateSession,
  type TransactionOptions,
} from "../database.ts";
import { migrations } from "../migrations.ts";
import { closedError, StateError } from "../state-error.ts";
import { Deadline, refuseNested, runInside } from "../transactions.ts";
import { describeAddress, type PostgresAddress } from "./address.ts";
import { isConflict, translate } from "./failures.ts";
import { migrate } from "./migrate.ts";
import { PostgresSession } from "./session.ts";

export const defaultSchema = "ragfood";

export interface PostgresStateOptions {
  /** Name of the PostgreSQL schema of the tables. Default `ragfood`. */
  readonly schema?: string;
  /** Replaces the store's clock in tests; milliseconds since 1970. */
  readonly now?: () => number;
  /** Replaces the tables, in tests. */
  readonly migrations?: readonly string[];
}

/** Connections of a process. PostgreSQL has 100 for all by default, so that several replicas fit. */
const maximumConnections = 10;
/** One holds the lock of a table and one waits for it; more would only take connections from readers. */
const connectionsAtLock = 2;
const connectTimeoutMs = 5_000;
/** A connection that broke without a word is noticed at most this long after. */
const keepAliveDelayMs = 10_000;
/** After the server's own limit, the network is at fault. */
const networkMarginMs = 1_000;
const rollbackTimeoutMs = 1_000;

/** Attempts of a transaction that others conflict with, and of one whose connection broke before the commit. */
const maximumAttempts = { conflict: 50, unavailable: 3 } as const;
/** Milliseconds before the second attempt at most; doubles up to `most`. Chance keeps transactions out of step. */
const backoffMs = { first: 4, most: 200 } as const;

/**
 * Opens the state that replicas share, and creates or upgrades its tables under a lock.
 *
 * @throws {StateError} if the server cannot be reached, refuses, or has tables of a later version
 */
export async function openPostgresState(
  address: PostgresAddress,
  options: PostgresStateOptions = {},
): Promise<StateDatabase> {
  const state = new PostgresState(address, options);
  try {
    await state.prepare(options.migrations ?? migrations);
    return state;
  } catch (error) {
    await state.close();
    throw error;
  }
}

class PostgresState implements StateDatabase {
  readonly kind = "postgres";
  readonly location: string;
  readonly #schema: string;
  readonly #now: (() => number) | undefined;
  readonly #pool: pg.Pool;
  readonly #running = new Set<Promise<unknown>>();
  /** By the table that is locked. */
  readonly #lockQueues = new Map<string, PQueue>();
  /** The server's default loses commits that it has acknowledged if it crashes. */
  #isLoose = false;
  #isClosed = false;

  constructor(address: PostgresAddress, { schema = defaultSchema, now }: PostgresStateOptions) {
    this.location = describeAddress(address);
    this.#schema = schema;
    this.#now = now;
    this.#pool = new pg.Pool(poolConfigOf(address));
    // A lost connection fails the statement that uses it, and the pool drops it. Nobody else is interested.
    this.#pool.on("error", () => {});
    this.#pool.on("connect", (client) => client.on("error", () => {}));
  }

  async prepare(steps: readonly string[]): Promise<void> {
    const deadline = new Deadline(this.location, 2 * 60_000, undefined);
    await this.#withClient(deadline, async (client) => {
      await migrate(client, this.location, this.#schema, steps);
      const { rows } = await client.query("SHOW synchronous_commit");
      this.#isLoose = rows[0].synchronous_commit === "off";
    });
  }

  async transaction<T>(
    work: (session: StateSession) => Promise<T>,
    { readOnly = false, timeoutMs = defaultTimeoutMs, signal, lockTable }: TransactionOptions = {},
  ): Promise<T> {
    refuseNested(this);
    if (this.#isClosed) throw closedError(this.location);
    const deadline = new Deadline(this.location, timeoutMs, signal);
    const begin = this.#beginStatement(readOnly, lockTable);
    const run = () =>
      this.#repeat(deadline, () =>
        this.#withClient(deadline, (client) => this.#attempt(client, begin, work, deadline)),
      );
    const running = lockTable === undefined ? run() : this.#inTurn(lockTable, deadline, run);
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw error instanceof WorkFailure ? error.cause : error;
    } finally {
      this.#running.delete(running);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
    if (!this.#pool.ending) await this.#pool.end();
  }

  /** Waits for its turn at a lock. A transaction whose time is over before that does not begin. */
  async #inTurn<T>(table: string, deadline: Deadline, run: () => Promise<T>): Promise<T> {
    const queue = this.#lockQueues.get(table) ?? new PQueue({ concurrency: connectionsAtLock });
    this.#lockQueues.set(table, queue);
    let running: Promise<T> | undefined;
    let isGivenUp = false;
    const turn = new Promise<void>((resolve) => {
      void queue.add(async () => {
        if (isGivenUp || deadline.remainingMs === 0) return;
        running = run();
        resolve();
        await running.catch(() => {});
      });
    });
    try {
      await deadline.limit(turn);
    } catch (error) {
      isGivenUp = true;
      throw error;
    }
    return await (running as unknown as Promise<T>);
  }

  async #repeat<T>(deadline: Deadline, attempt: () => Promise<T>): Promise<T> {
    for (let count = 1; ; count++) {
      try {
        return await attempt();
      } catch (error) {
        const reason = isConflict(error) ? "conflict" : (error as StateError).reason;
        const isAgain = reason === "conflict" || (error instanceof StateError && error.isRetryable);
        const isOver = deadline.remainingMs === 0 || count >= (maximumAttempts[reason as "conflict"] ?? 1);
        if (isAgain && isOver && reason === "conflict") throw conflictError(this.location, count, error);
        if (!isAgain || isOver) throw error;
      }
      const longest = Math.min(backoffMs.most, backoffMs.first * 2 ** count);
      await deadline.limit(wait(Math.random() * longest));
    }
  }

  /** One statement, so that it takes one round trip. */
  #beginStatement(readOnly: boolean, lockTable: string | undefined) {
    return (remainingMs: number): string => {
      const limit = Math.ceil(remainingMs) + 1;
      return [
        `BEGIN ISOLATION LEVEL SERIALIZABLE${readOnly ? ", READ ONLY" : ""}`,
        `SET LOCAL search_path TO "${this.#schema}"`,
        `SET LOCAL statement_timeout = ${limit}`,
        `SET LOCAL idle_in_transaction_session_timeout = ${limit}`,
        ...(this.#isLoose ? ["SET LOCAL synchronous_commit = on"] : []),
        // Taken before the snapshot, which then sees what the one before has written.
        ...(lockTable === undefined ? [] : [`LOCK TABLE ${lockTable} IN SHARE ROW EXCLUSIVE MODE`]),
      ].join("; ");
    };
  }

  async #attempt<T>(
    client: PoolClient,
    begin: (remainingMs: number) => string,
    work: (session: StateSession) => Promise<T>,
    deadline: Deadline,
  ): Promise<T> {
    await deadline.limit(client.query(begin(deadline.remainingMs)));
    const session = new PostgresSession(client, this.#now);
    const running = runInside(this, () => work(session)).then(
      (result) => () => result,
      (error) => () => {
        throw new WorkFailure(error);
      },
    );
    try {
      const outcome = await deadline.limit(running);
      // A statement that failed says more than what the work made of it.
      await deadline.limit(session.end(), networkMarginMs);
      const result = outcome();
      await this.#commit(client, deadline);
      return result;
    } finally {
      session.end().catch(() => {});
    }
  }

  async #commit(client: PoolClient, deadline: Deadline): Promise<void> {
    try {
      const { command } = await deadline.limit(client.query("COMMIT"), networkMarginMs);
      if (command === "ROLLBACK") throw new Error("PostgreSQL rolled a transaction back at its commit.");
    } catch (error) {
      const failure = translate(this.location, error);
      // Without an answer, it may have been committed.
      throw failure instanceof StateError || failure instanceof CancelledError
        ? new StateError("unavailable", `The answer to a commit in ${this.location} was lost.`, {
            cause: error,
            hint: "Read whether the change is there before you make it again.",
            mayHaveCommitted: true,
          })
        : failure;
    }
  }

  /** Runs `action` with a connection, which goes back to the pool clean or is closed. */
  async #withClient<T>(deadline: Deadline, action: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined;
    let isClean = false;
    try {
      const connecting = this.#pool.connect();
      client = await deadline.limit(connecting).catch((error) => {
        connecting.then((late) => late.release()).catch(() => {});
        throw error;
      });
      const result = await action(client);
      isClean = true;
      return result;
    } catch (error) {
      isClean = client !== undefined && (await rollBack(client));
      throw isConflict(error) || error instanceof WorkFailure ? error : translate(this.location, error);
    } finally {
      client?.release(!isClean);
    }
  }
}

/** What the work threw of itself: the store has no part in it. */
class WorkFailure extends Error {
  constructor(cause: unknown) {
    super("The work of a transaction failed.", { cause });
  }
}

/** @returns whether the connection can be used again */
async function rollBack(client: PoolClient): Promise<boolean> {
  try {
    await new Deadline("", rollbackTimeoutMs, undefined).limit(client.query("ROLLBACK"));
    return true;
  } catch {
    return false;
  }
}

function conflictError(location: string, count: number, cause: unknown): StateError {
  return new StateError("conflict", `A transaction in ${location} met ${count} conflicts in a row.`, {
    cause,
    hint: "Try again: too many processes change the same rows.",
  });
}

/** How to connect to an address. @throws {StorageError} if its file of authorities cannot be read */
export function poolConfigOf(address: PostgresAddress): PoolConfig {
  const { host, port, database, user, password } = address;
  return {
    host,
    port,
    database,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ssl: tlsOf(address),
    application_name: "ragfood",
    max: maximumConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
    types: { getTypeParser },
  };
}

function tlsOf({ tls, host, authorityFile }: PostgresAddress): PoolConfig["ssl"] {
  if (tls === "none") return false;
  const authority = authorityFile === undefined ? {} : { ca: readAuthority(authorityFile) };
  if (tls === "require") return { ...authority, rejectUnauthorized: false };
  return {
    ...authority,
    // For an address in place of a name, the driver has the certificate checked for `localhost`.
    checkServerIdentity: (_, certificate) =>
      tls === "verify-ca" ? undefined : checkServerIdentity(host, certificate),
  };
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw fileFailure(file, "cannot be read", error, "Correct sslrootcert in STATE_URL.");
  }
}

/** BIGINT and NUMERIC (SUM of BIGINT), which the driver leaves as text since they may exceed 2^53. */
const exactNumbers = new Set<number>([pg.types.builtins.INT8, pg.types.builtins.NUMERIC]);

function getTypeParser(type: number, format?: string): (value: string) => unknown {
  return exactNumbers.has(type) ? parseNumber : pg.types.getTypeParser(type, format as "text");
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw new RangeError(`The state holds ${text}, past 2^53.`);
  return value;
}
