/** A value of a column: BIGINT, DOUBLE PRECISION, TEXT, BYTEA or NULL. */
export type StateValue = string | number | Uint8Array | null;

export type StateRow = Readonly<Record<string, StateValue>>;

/**
 * Runs statements inside one transaction. The SQL has to mean the same in SQLite and PostgreSQL:
 *
 * - `?` for each value. A value takes the type of the column that it is stored in or compared with, so
 *   compute in TypeScript (`now + leaseMs`), not in SQL (`? + 1000`)
 * - columns of type BIGINT (milliseconds, counts, 0 or 1), DOUBLE PRECISION, TEXT (also for JSON) and BYTEA, with
 *   names in snake_case
 * - `ON CONFLICT … DO UPDATE`, `RETURNING` and window functions exist in both; `rowid`, `AUTOINCREMENT`, sequences,
 *   booleans and date functions do not. For numbers in order, take `nextSequence`
 * - `ORDER BY` on text differs with the database's collation: order in TypeScript if it matters
 */
export interface StateSession {
  all<Row extends object = StateRow>(sql: string, ...values: readonly StateValue[]): Promise<Row[]>;
  /** The first row. */
  get<Row extends object = StateRow>(sql: string, ...values: readonly StateValue[]): Promise<Row | undefined>;
  /** @returns the number of rows that were inserted, updated or deleted */
  run(sql: string, ...values: readonly StateValue[]): Promise<number>;
  /** The time by the store's clock, in milliseconds since 1970: the same clock for every process. */
  now(): Promise<number>;
}

export interface TransactionOptions {
  /** Refuses writes. Such a transaction does not wait for writers. */
  readonly readOnly?: boolean;
  /** Milliseconds for all of it: waiting, every attempt and the commit. Default 10,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /**
   * A table that most of these transactions change, as `sequences`: in PostgreSQL they wait for each other from the
   * start, and do not conflict and run again.
   */
  readonly lockTable?: string;
  /**
   * For a full disk, on which not even rows can be deleted: `keep` puts a reserve beside a SQLite file, `use` gives it
   * back if the transaction finds no space, and runs it again.
   */
  readonly reserve?: "keep" | "use";
}

/**
 * What a service keeps, in SQLite for one machine or in PostgreSQL for several replicas.
 *
 * @example
 * ```ts
 * const votes = await state.transaction(async (session) => {
 *   await session.run("UPDATE polls SET votes = votes + 1 WHERE id = ?", id);
 *   return session.get<{ votes: number }>("SELECT votes FROM polls WHERE id = ?", id);
 * });
 * ```
 */
export interface StateDatabase {
  readonly kind: "sqlite" | "postgres";
  /** For people: the path of the file, or the address without its password. */
  readonly location: string;
  /**
   * Runs `work` in a serializable transaction: whole, or not at all if it throws. `work` may run again after a
   * conflict, so it has no effect outside the session. It must not open another transaction.
   *
   * @throws {StateError}
   * @throws {CancelledError} if `signal` fires before the commit
   */
  transaction<T>(work: (session: StateSession) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Waits for the transactions that are running. */
  close(): Promise<void>;
}

export const defaultTimeoutMs = 10_000;
