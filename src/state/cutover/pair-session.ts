import type { StateSession, StateValue } from "../database.ts";

/** Statements about one pair of stores: the pair is the first value of each. */
export class PairSession {
  protected readonly session: StateSession;
  protected readonly pair: string;
  #now: Promise<number> | undefined;

  constructor(session: StateSession, pair: string) {
    this.session = session;
    this.pair = pair;
  }

  /** One time for the whole transaction: it is a moment, and each reading would be a round trip under the lock. */
  now(): Promise<number> {
    this.#now ??= this.session.now();
    return this.#now;
  }

  protected all<Row extends object>(sql: string, ...values: readonly StateValue[]): Promise<Row[]> {
    return this.session.all<Row>(sql, this.pair, ...values);
  }

  protected get<Row extends object>(sql: string, ...values: readonly StateValue[]): Promise<Row | undefined> {
    return this.session.get<Row>(sql, this.pair, ...values);
  }

  protected run(sql: string, ...values: readonly StateValue[]): Promise<number> {
    return this.session.run(sql, this.pair, ...values);
  }

  protected async has(rows: string, ...values: readonly StateValue[]): Promise<boolean> {
    return (await this.get(`SELECT 1 AS found FROM ${rows} LIMIT 1`, ...values)) !== undefined;
  }
}
