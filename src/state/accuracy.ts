import type { StateDatabase } from "./database.ts";
import { nextSequence } from "./sequences.ts";

export const accuracyTables = `
  CREATE TABLE accuracy_runs (
    number BIGINT PRIMARY KEY,
    store TEXT NOT NULL,
    queries_hash TEXT NOT NULL,
    query_count BIGINT NOT NULL,
    k BIGINT NOT NULL,
    figures TEXT NOT NULL,
    measured_at BIGINT NOT NULL
  );
  CREATE INDEX accuracy_runs_by_time ON accuracy_runs (measured_at);
`;

/** Means over the golden queries. */
interface AccuracyFigures {
  readonly ndcg: number;
  readonly recall: number;
  readonly precision: number;
  readonly reciprocalRank: number;
  /** 95 % interval of the mean nDCG; `undefined` for a single query. */
  readonly interval?: { readonly low: number; readonly high: number };
}

/** How a store ranked the golden queries at one time. */
export interface AccuracyRun {
  readonly store: string;
  /** Of the queries and how they are judged: runs with another one cannot be compared. */
  readonly queriesHash: string;
  readonly queryCount: number;
  /** Depth of the ranking that is judged. */
  readonly k: number;
  readonly figures: AccuracyFigures;
  /** Milliseconds since 1970. */
  readonly measuredAt: number;
}

interface Row {
  readonly store: string;
  readonly queries_hash: string;
  readonly query_count: number;
  readonly k: number;
  readonly figures: string;
  readonly measured_at: number;
}

/** The runs of golden queries, so that reports show accuracy over time (OPS-5). */
export class AccuracyRepository {
  readonly #state: StateDatabase;

  constructor(state: StateDatabase) {
    this.#state = state;
  }

  /** @throws {StateError} */
  async add(run: AccuracyRun): Promise<void> {
    await this.#state.transaction(async (session) => {
      await session.run(
        `INSERT INTO accuracy_runs (number, store, queries_hash, query_count, k, figures, measured_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        await nextSequence(session, "accuracy_runs"),
        run.store,
        run.queriesHash,
        run.queryCount,
        run.k,
        JSON.stringify(run.figures),
        run.measuredAt,
      );
    });
  }

  /** Oldest first. @param span milliseconds since 1970; `to` is not included. @throws {StateError} */
  async list({ from, to }: { readonly from: number; readonly to: number }): Promise<AccuracyRun[]> {
    const rows = await this.#state.transaction(
      (session) =>
        session.all<Row>(
          "SELECT * FROM accuracy_runs WHERE measured_at >= ? AND measured_at < ? ORDER BY measured_at, number",
          from,
          to,
        ),
      { readOnly: true },
    );
    return rows.map((row) => ({
      store: row.store,
      queriesHash: row.queries_hash,
      queryCount: row.query_count,
      k: row.k,
      figures: JSON.parse(row.figures) as AccuracyFigures,
      measuredAt: row.measured_at,
    }));
  }
}
