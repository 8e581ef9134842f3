import type { PoolClient, QueryResult } from "pg";
import type { StateRow, StateSession, StateValue } from "../database.ts";
import { sessionEnded } from "../transactions.ts";
import { requireStorable } from "../values.ts";
import { numberPlaceholders } from "./placeholders.ts";

/** The statements of one transaction on one connection, one after the other. */
export class PostgresSession implements StateSession {
  readonly #client: PoolClient;
  readonly #replacedNow: (() => number) | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #hasEnded = false;
  #failure: unknown;

  constructor(client: PoolClient, now: (() => number) | undefined) {
    this.#client = client;
    this.#replacedNow = now;
  }

  async all<Row extends object = StateRow>(sql: string, ...values: readonly StateValue[]): Promise<Row[]> {
    return (await this.#query(sql, values)).rows as Row[];
  }

  async get<Row extends object = StateRow>(
    sql: string,
    ...values: readonly StateValue[]
  ): Promise<Row | undefined> {
    return (await this.all<Row>(sql, ...values))[0];
  }

  async run(sql: string, ...values: readonly StateValue[]): Promise<number> {
    return (await this.#query(sql, values)).rowCount ?? 0;
  }

  async now(): Promise<number> {
    if (this.#replacedNow !== undefined) return this.#replacedNow();
    const row = await this.get<{ now: number }>(
      "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now",
    );
    return (row as { now: number }).now;
  }

  /** Ends the session. @throws {Error} of a statement that failed, also if the work went on after it */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #query(sql: string, values: readonly StateValue[]): Promise<QueryResult> {
    if (this.#hasEnded) throw sessionEnded();
    const query = this.#last.then(() => {
      requireStorable(values);
      return this.#client.query(numberPlaceholders(sql), values.map(asParameter));
    });
    this.#last = query.catch((error) => {
      this.#failure ??= error;
    });
    return query;
  }
}

/** The driver takes bytes as a Buffer only. */
function asParameter(value: StateValue): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
