import { randomUUID } from "node:crypto";
import type { StateDatabase, StateSession } from "./database.ts";

export const scheduleTables = `
  CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    expression TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease TEXT,
    lease_ends_at BIGINT,
    started_at BIGINT,
    last_started_at BIGINT,
    last_ended_at BIGINT,
    last_succeeded_at BIGINT,
    last_outcome TEXT,
    last_summary TEXT,
    last_details TEXT
  );
`;

/** When a job runs. */
export interface Schedule {
  /** `backup` */
  readonly name: string;
  /** A cron expression. */
  readonly expression: string;
  /** The first time after `after`; both are milliseconds since 1970. */
  next(after: number): number;
}

/** The result of a run. */
export interface ScheduleOutcome {
  readonly outcome: "succeeded" | "failed";
  /** One sentence. */
  readonly summary: string;
  /** Figures, as JSON can hold them. */
  readonly details?: unknown;
  /** A failure that another attempt would not change: the next time is waited for. */
  readonly isFinal?: boolean;
}

interface ScheduleRun extends Omit<ScheduleOutcome, "isFinal"> {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Times are milliseconds since 1970 by the store's clock. */
export interface ScheduleState {
  readonly name: string;
  readonly expression: string;
  /** In the past for a job that is late: it runs as soon as a replica is free. */
  readonly dueAt: number;
  /** `undefined` unless a replica runs it. */
  readonly runningSince: number | undefined;
  readonly last: ScheduleRun | undefined;
  /** End of the last run that succeeded. */
  readonly lastSucceededAt: number | undefined;
}

/** The right to run a job, which one replica has at a time until its lease ends. */
export interface ScheduleClaim {
  readonly name: string;
  readonly lease: string;
  readonly dueAt: number;
  /** From 1: how often this run was begun. */
  readonly attempt: number;
  /** The figures of the run before. */
  readonly lastDetails: unknown;
}

export type ClaimResult =
  | { readonly status: "claimed"; readonly claim: ScheduleClaim }
  /** Nothing can be run for this many milliseconds, unless another replica ends or dies. */
  | { readonly status: "waiting"; readonly forMs: number };

/** How often a run is begun before it waits for its next time. */
const maximumAttempts = 3;
/** Milliseconds from a failure to the next attempt. */
const retryDelaysMs = [60_000, 5 * 60_000];

/** Which jobs are due, who runs them, and how the last runs ended. */
export class ScheduleRepository {
  readonly #state: StateDatabase;

  constructor(state: StateDatabase) {
    this.#state = state;
  }

  /**
   * Adds schedules that are new, and sets the next time of those whose expression changed. A time that was missed
   * while no replica ran stays due.
   *
   * @throws {StateError}
   */
  async register(schedules: readonly Schedule[]): Promise<void> {
    await this.#state.transaction(async (session) => {
      const now = await session.now();
      for (const { name, expression, next } of schedules) {
        const known = await session.get<ScheduleRow>("SELECT * FROM schedules WHERE name = ?", name);
        if (known?.expression === expression) continue;
        await session.run(
          `INSERT INTO schedules (name, expression, due_at, attempts) VALUES (?, ?, ?, 0)
           ON CONFLICT (name) DO UPDATE SET expression = excluded.expression, due_at = excluded.due_at`,
          name,
          expression,
          next(now),
        );
      }
    });
  }

  /**
   * Claims the schedule that is due for the longest time. A run whose replica died is claimed again when its lease
   * ends, up to three times; then it counts as failed.
   *
   * @throws {StateError}
   */
  claim(schedules: readonly Schedule[], leaseMs: number): Promise<ClaimResult> {
    return this.#state.transaction(async (session) => {
      const now = await session.now();
      const rows = await readRows(session, schedules);
      let nextAt = Number.POSITIVE_INFINITY;
      for (const { row, schedule } of rows) {
        const freeAt = Math.max(row.due_at, row.lease_ends_at ?? 0);
        if (freeAt > now) {
          nextAt = Math.min(nextAt, freeAt);
        } else if (row.attempts >= maximumAttempts) {
          const due = schedule.next(now);
          await record(session, row, now, due, 0, {
            outcome: "failed",
            summary: `The process that ran it ended before it was done, ${maximumAttempts} times.`,
          });
          nextAt = Math.min(nextAt, due);
        } else {
          return { status: "claimed", claim: await take(session, row, now, leaseMs) };
        }
      }
      return { status: "waiting", forMs: nextAt - now };
    });
  }

  /** Extends the lease. @returns false if another replica has taken the run over @throws {StateError} */
  async renew({ name, lease }: ScheduleClaim, leaseMs: number): Promise<boolean> {
    const changed = await this.#state.transaction(async (session) =>
      session.run(
        "UPDATE schedules SET lease_ends_at = ? WHERE name = ? AND lease = ?",
        (await session.now()) + leaseMs,
        name,
        lease,
      ),
    );
    return changed === 1;
  }

  /**
   * Records how a run ended. One that failed is due again after a minute, then after five; a success, or a third
   * failure, waits for its next time.
   *
   * @returns false if another replica has taken the run over: nothing is recorded
   * @throws {StateError}
   */
  finish(claim: ScheduleClaim, { next }: Pick<Schedule, "next">, result: ScheduleOutcome): Promise<boolean> {
    return this.#state.transaction(async (session) => {
      const row = await owned(session, claim);
      if (row === undefined) return false;
      const now = await session.now();
      const mayRetry = result.outcome === "failed" && result.isFinal !== true;
      const delay = mayRetry ? retryDelaysMs[claim.attempt - 1] : undefined;
      const due = next(now);
      const isRetried = delay !== undefined && now + delay < due;
      await record(session, row, now, isRetried ? now + delay : due, isRetried ? claim.attempt : 0, result);
      return true;
    });
  }

  /** Gives a run back that was interrupted by a stop: it is due at once, and does not count. @throws {StateError} */
  async release(claim: ScheduleClaim): Promise<void> {
    await this.#state.transaction((session) =>
      session.run(
        `UPDATE schedules SET lease = NULL, lease_ends_at = NULL, started_at = NULL, attempts = ?
         WHERE name = ? AND lease = ?`,
        claim.attempt - 1,
        claim.name,
        claim.lease,
      ),
    );
  }

  /** All schedules by name, also those that are no longer set. @throws {StateError} */
  async list(): Promise<ScheduleState[]> {
    const { rows, now } = await this.#state.transaction(
      async (session) => ({
        rows: await session.all<ScheduleRow>("SELECT * FROM schedules"),
        now: await session.now(),
      }),
      { readOnly: true },
    );
    return rows.map((row) => stateOf(row, now)).sort((left, right) => (left.name < right.name ? -1 : 1));
  }
}

interface ScheduleRow {
  readonly name: string;
  readonly expression: string;
  readonly due_at: number;
  readonly attempts: number;
  readonly lease: string | null;
  readonly lease_ends_at: number | null;
  readonly started_at: number | null;
  readonly last_started_at: number | null;
  readonly last_ended_at: number | null;
  readonly last_succeeded_at: number | null;
  readonly last_outcome: ScheduleOutcome["outcome"] | null;
  readonly last_summary: string | null;
  readonly last_details: string | null;
}

/** Those that are registered, the longest due first. */
async function readRows(session: StateSession, schedules: readonly Schedule[]) {
  const rows = await session.all<ScheduleRow>("SELECT * FROM schedules ORDER BY due_at");
  return rows.flatMap((row) => {
    const schedule = schedules.find(({ name }) => name === row.name);
    return schedule === undefined ? [] : [{ row, schedule }];
  });
}

async function take(
  session: StateSession,
  { name, attempts, due_at: dueAt, last_details: details }: ScheduleRow,
  now: number,
  leaseMs: number,
): Promise<ScheduleClaim> {
  const lease = randomUUID();
  await session.run(
    "UPDATE schedules SET lease = ?, lease_ends_at = ?, started_at = ?, attempts = ? WHERE name = ?",
    lease,
    now + leaseMs,
    now,
    attempts + 1,
    name,
  );
  const lastDetails = details === null ? undefined : JSON.parse(details);
  return { name, lease, dueAt, attempt: attempts + 1, lastDetails };
}

function owned(session: StateSession, { name, lease }: ScheduleClaim): Promise<ScheduleRow | undefined> {
  return session.get<ScheduleRow>("SELECT * FROM schedules WHERE name = ? AND lease = ?", name, lease);
}

async function record(
  session: StateSession,
  row: ScheduleRow,
  now: number,
  dueAt: number,
  attempts: number,
  { outcome, summary, details }: ScheduleOutcome,
): Promise<void> {
  await session.run(
    `UPDATE schedules SET due_at = ?, attempts = ?, lease = NULL, lease_ends_at = NULL, started_at = NULL,
     last_started_at = ?, last_ended_at = ?, last_succeeded_at = ?, last_outcome = ?, last_summary = ?,
     last_details = ? WHERE name = ?`,
    dueAt,
    attempts,
    row.started_at ?? now,
    now,
    outcome === "succeeded" ? now : row.last_succeeded_at,
    outcome,
    summary,
    details === undefined ? row.last_details : JSON.stringify(details),
    row.name,
  );
}

function stateOf(row: ScheduleRow, now: number): ScheduleState {
  const { last_started_at: startedAt, last_ended_at: endedAt, last_outcome: outcome } = row;
  const isRunning = row.lease_ends_at !== null && row.lease_ends_at > now;
  return {
    name: row.name,
    expression: row.expression,
    dueAt: row.due_at,
    runningSince: isRunning ? (row.started_at ?? undefined) : undefined,
    last:
      startedAt === null || endedAt === null || outcome === null
        ? undefined
        : {
            startedAt,
            endedAt,
            outcome,
            summary: row.last_summary ?? "",
            ...(row.last_details !== null && { details: JSON.parse(row.last_details) }),
          },
    lastSucceededAt: row.last_succeeded_at ?? undefined,
  };
}
