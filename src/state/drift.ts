import type { StateDatabase } from "./database.ts";
import { nextSequence } from "./sequences.ts";

export const driftTables = `
  CREATE TABLE drift_baselines (
    subject TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    texts_hash TEXT NOT NULL,
    vectors BYTEA,
    similarities TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
  );
  CREATE TABLE drift_checks (
    number BIGINT PRIMARY KEY,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    largest_change DOUBLE PRECISION,
    sentence TEXT NOT NULL,
    checked_at BIGINT NOT NULL
  );
  CREATE INDEX drift_checks_by_time ON drift_checks (checked_at);
`;

/** Similarities of the pinned texts at the first check. */
export interface DriftBaseline {
  /** What embeds: a model in use, or an index. */
  readonly subject: string;
  /** The model by its name, as it was reported. */
  readonly model: string;
  /** Of the pinned texts; other texts cannot be compared. */
  readonly textsHash: string;
  /** The vectors one after the other, float32 in little-endian order; `undefined` if an index holds them. */
  readonly vectors: Uint8Array | undefined;
  /** By text, its similarity to the recorded vector of each text. */
  readonly similarities: readonly (readonly number[])[];
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
}

type DriftOutcome = "recorded" | "steady" | "drifted";

export interface DriftRecord {
  readonly subject: string;
  readonly outcome: DriftOutcome;
  /** Largest change of a similarity; `undefined` if nothing was compared. */
  readonly largestChange: number | undefined;
  /** For people. */
  readonly sentence: string;
  /** Milliseconds since 1970. */
  readonly checkedAt: number;
}

interface BaselineRow {
  readonly subject: string;
  readonly model: string;
  readonly texts_hash: string;
  readonly vectors: Uint8Array | null;
  readonly similarities: string;
  readonly recorded_at: number;
}

interface CheckRow {
  readonly subject: string;
  readonly outcome: DriftOutcome;
  readonly largest_change: number | null;
  readonly sentence: string;
  readonly checked_at: number;
}

/** Checks that are kept of each subject. */
const checksKept = 1_000;

/** Baselines and results of the check for drift (OPS-10). */
export class DriftRepository {
  readonly #state: StateDatabase;

  constructor(state: StateDatabase) {
    this.#state = state;
  }

  /** @throws {StateError} */
  async baseline(subject: string): Promise<DriftBaseline | undefined> {
    const row = await this.#state.transaction(
      (session) => session.get<BaselineRow>("SELECT * FROM drift_baselines WHERE subject = ?", subject),
      { readOnly: true },
    );
    return row && baselineOf(row);
  }

  /**
   * Keeps the first baseline of a subject: of two processes that record at the same time, one wins.
   * @returns the baseline that is kept
   * @throws {StateError}
   */
  async record(baseline: Omit<DriftBaseline, "recordedAt">): Promise<DriftBaseline> {
    const { subject, model, textsHash, vectors, similarities } = baseline;
    const row = await this.#state.transaction(async (session) => {
      await session.run(
        `INSERT INTO drift_baselines (subject, model, texts_hash, vectors, similarities, recorded_at)
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (subject) DO NOTHING`,
        subject,
        model,
        textsHash,
        vectors ?? null,
        JSON.stringify(similarities),
        await session.now(),
      );
      return await session.get<BaselineRow>("SELECT * FROM drift_baselines WHERE subject = ?", subject);
    });
    return baselineOf(row as BaselineRow);
  }

  /** @returns false if there is no baseline @throws {StateError} */
  async forget(subject: string): Promise<boolean> {
    const deleted = await this.#state.transaction((session) =>
      session.run("DELETE FROM drift_baselines WHERE subject = ?", subject),
    );
    return deleted > 0;
  }

  /** @throws {StateError} */
  async addCheck(check: Omit<DriftRecord, "checkedAt">): Promise<DriftRecord> {
    const { subject, outcome, largestChange, sentence } = check;
    return await this.#state.transaction(async (session) => {
      const checkedAt = await session.now();
      const number = await nextSequence(session, "drift-checks");
      await session.run(
        `INSERT INTO drift_checks (number, subject, outcome, largest_change, sentence, checked_at)
         VALUES (?, ?, ?, ?, ?, ?)`,
        number,
        subject,
        outcome,
        largestChange ?? null,
        sentence,
        checkedAt,
      );
      const [last] = await session.all<{ number: number }>(
        "SELECT number FROM drift_checks WHERE subject = ? ORDER BY number DESC LIMIT 1 OFFSET ?",
        subject,
        checksKept,
      );
      await session.run(
        "DELETE FROM drift_checks WHERE subject = ? AND number <= ?",
        subject,
        last?.number ?? 0,
      );
      return { ...check, checkedAt };
    });
  }

  /** The newest check; `undefined` before the first. @throws {StateError} */
  async last(): Promise<DriftRecord | undefined> {
    const row = await this.#state.transaction(
      (session) => session.get<CheckRow>("SELECT * FROM drift_checks ORDER BY number DESC LIMIT 1"),
      { readOnly: true },
    );
    return row && recordOf(row);
  }

  /**
   * Checks of a span of time, its end excluded, the newest first.
   * @param span milliseconds since 1970
   * @throws {StateError}
   */
  async checks({ from, to }: { readonly from: number; readonly to: number }): Promise<DriftRecord[]> {
    const rows = await this.#state.transaction(
      (session) =>
        session.all<CheckRow>(
          "SELECT * FROM drift_checks WHERE checked_at >= ? AND checked_at < ? ORDER BY number DESC",
          from,
          to,
        ),
      { readOnly: true },
    );
    return rows.map(recordOf);
  }
}

function baselineOf(row: BaselineRow): DriftBaseline {
  return {
    subject: row.subject,
    model: row.model,
    textsHash: row.texts_hash,
    vectors: row.vectors ?? undefined,
    similarities: JSON.parse(row.similarities),
    recordedAt: row.recorded_at,
  };
}

function recordOf(row: CheckRow): DriftRecord {
  return {
    subject: row.subject,
    outcome: row.outcome,
    largestChange: row.largest_change ?? undefined,
    sentence: row.sentence,
    checkedAt: row.checked_at,
  };
}
