import type { StateDatabase } from "./database.ts";

export const costCounterTables = `
  CREATE TABLE cost_counters (
    day TEXT NOT NULL,
    store TEXT NOT NULL,
    kind TEXT NOT NULL,
    requests BIGINT NOT NULL,
    PRIMARY KEY (day, store, kind)
  );
`;

/** What a service billed on one day. */
export interface CostCount {
  /** `YYYY-MM-DD` in UTC, as daily quotas count. */
  readonly day: string;
  /** The store that was asked: `upstash`, `upstash-secondary`. */
  readonly store: string;
  /** `query`, `upsert`, `delete` and so on. */
  readonly kind: string;
  /** Requests as they are billed. */
  readonly requests: number;
}

/** Billed requests by day, store and kind, summed over all processes (OPS-6). */
export class CostCounterRepository {
  readonly #state: StateDatabase;

  constructor(state: StateDatabase) {
    this.#state = state;
  }

  /** Adds to the counts: all of them, or nothing if it fails. @throws {StateError} */
  async add(counts: readonly CostCount[]): Promise<void> {
    if (counts.length === 0) return;
    await this.#state.transaction(async (session) => {
      for (const { day, store, kind, requests } of counts) {
        await session.run(
          `INSERT INTO cost_counters (day, store, kind, requests) VALUES (?, ?, ?, ?)
           ON CONFLICT (day, store, kind) DO UPDATE SET requests = cost_counters.requests + excluded.requests`,
          day,
          store,
          kind,
          requests,
        );
      }
    });
  }

  /**
   * The counts of a span of days, both included, oldest first.
   * @param span days as `YYYY-MM-DD`
   * @throws {StateError}
   */
  async list({ from, to }: { readonly from: string; readonly to: string }): Promise<CostCount[]> {
    const rows = await this.#state.transaction(
      (session) =>
        session.all<CostCount>(
          "SELECT day, store, kind, requests FROM cost_counters WHERE day >= ? AND day <= ?",
          from,
          to,
        ),
      { readOnly: true },
    );
    return rows.map((row) => ({ ...row })).sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  }
}

function keyOf({ day, store, kind }: CostCount): string {
  return `${day} ${store} ${kind}`;
}
