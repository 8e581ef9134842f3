import type { StateSession, StateValue } from "../database.ts";

/** Statements about one pair of stores: the pair is the first value of each. */
export class PairSession {
  protected readonly session: StateSession;
  protected readonly pair: string;

  constructor(session: StateSession, pair: string) {
    this.session = session;
    this.pair = pair;
  }

  now(): Promise<number> {
    return this.session.now();
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
