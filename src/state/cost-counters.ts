import type { StateDatabase } from "./database.ts";

export const costCounterTables = `
  CREATE TABLE cost_counters (
    day TEXT NOT NULL,
    store TEXT NOT NULL,
    kind TEXT NOT NULL,
    requests BIGINT NOT NULL,
    bytes BIGINT NOT NULL DEFAULT 0,
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
  /** Of the kind `traffic`: bytes that were moved. Of the kind `storage`: bytes that were stored at last. Default 0. */
  readonly bytes?: number;
}

/** The kind of counts that have the bytes of requests and answers. */
export const trafficKind = "traffic";

/** The kind of counts that have the size of an index: the last one of a day counts. */
export const storageKind = "storage";

/** Two counts of the same day, store and kind as one. */
export function sumOf(earlier: CostCount, later: CostCount): CostCount {
  const bytes = later.kind === storageKind ? later.bytes : (earlier.bytes ?? 0) + (later.bytes ?? 0);
  return { ...later, requests: earlier.requests + later.requests, ...(bytes ? { bytes } : {}) };
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
      for (const { day, store, kind, requests, bytes = 0 } of counts) {
        const sum = kind === storageKind ? "excluded.bytes" : "cost_counters.bytes + excluded.bytes";
        await session.run(
          `INSERT INTO cost_counters (day, store, kind, requests, bytes) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (day, store, kind)
           DO UPDATE SET requests = cost_counters.requests + excluded.requests, bytes = ${sum}`,
          day,
          store,
          kind,
          requests,
          bytes,
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
        session.all<Required<CostCount>>(
          "SELECT day, store, kind, requests, bytes FROM cost_counters WHERE day >= ? AND day <= ?",
          from,
          to,
        ),
      { readOnly: true },
    );
    return rows
      .map(({ bytes, ...row }): CostCount => (bytes === 0 ? { ...row } : { ...row, bytes }))
      .sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  }
}

function keyOf({ day, store, kind }: CostCount): string {
  return `${day} ${store} ${kind}`;
}
