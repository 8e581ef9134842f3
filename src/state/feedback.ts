import { UsageError } from "../foundation/errors.ts";
import type { StateDatabase, StateRow, StateSession } from "./database.ts";
import { nextSequence } from "./sequences.ts";

export const feedbackTables = `
  CREATE TABLE feedback (
    answer_id TEXT NOT NULL,
    caller TEXT NOT NULL,
    number BIGINT NOT NULL,
    vote TEXT NOT NULL,
    comment TEXT,
    question TEXT,
    store TEXT,
    generator TEXT,
    day TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (answer_id, caller)
  );
  CREATE UNIQUE INDEX feedback_by_number ON feedback (number);
  CREATE INDEX feedback_by_time ON feedback (created_at);
`;

type Vote = "up" | "down";

/** A vote on an answer, with the answer that it is about. */
export interface NewFeedback {
  readonly answerId: string;
  /** Who votes: an id of a key or of a session, not a name or an address. */
  readonly caller: string;
  readonly vote: Vote;
  /** Up to 2,000 characters. */
  readonly comment?: string | undefined;
  /** Only its first 2,000 characters are kept. */
  readonly question?: string | undefined;
  /** The store that answered. */
  readonly store?: string | undefined;
  /** What wrote the answer. */
  readonly generator?: string | undefined;
}

/** Times are milliseconds since 1970. */
export interface Feedback extends NewFeedback {
  /** Of the order in which answers got their first votes. */
  readonly number: number;
  readonly createdAt: number;
  /** Later than `createdAt` if the vote was changed. */
  readonly changedAt: number;
}

/** A span of time, its end excluded. Milliseconds since 1970. */
export interface FeedbackSpan {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface ListOptions extends FeedbackSpan {
  readonly vote?: Vote | undefined;
  /** At most this many, 1 to 1,000. Default 100. */
  readonly limit?: number;
  /** Only feedback of a smaller number: for the next page, the number of the last one. */
  readonly before?: number | undefined;
}

/** The votes of one day, in UTC. */
export interface DailyVotes {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly up: number;
  readonly down: number;
}

/** Characters of a comment and of a question. */
const longestText = 2_000;
const longestName = 200;

/** What users think of answers (OPS-4). An answer has one vote of each caller, who may change it. */
export class FeedbackRepository {
  readonly #state: StateDatabase;
  readonly #retentionDays: number;
  #prunedAt = Number.NEGATIVE_INFINITY;

  /** @param options votes older than `retentionDays` are deleted, once a day while votes arrive. Default 365. */
  constructor(state: StateDatabase, { retentionDays = 365 }: { readonly retentionDays?: number } = {}) {
    this.#state = state;
    this.#retentionDays = retentionDays;
  }

  /**
   * Keeps a vote, durably. A further one of the same caller on the same answer replaces vote and comment.
   *
   * @returns whether it is the first vote, or replaces one
   * @throws {UsageError} for a text that is too long, or that is not Unicode
   * @throws {StateError}
   */
  async vote(feedback: NewFeedback): Promise<"added" | "changed"> {
    requireName("answerId", feedback.answerId);
    requireName("caller", feedback.caller);
    const comment = feedback.comment?.trim();
    if (comment !== undefined) requireText(comment);
    const { answerId, caller, vote } = feedback;
    let prunedAt = this.#prunedAt;
    const result = await this.#state.transaction(async (session) => {
      const now = await session.now();
      if (now - this.#prunedAt >= dayMs) {
        await this.#prune(session, now);
        prunedAt = now;
      }
      const changed = await session.run(
        "UPDATE feedback SET vote = ?, comment = ?, changed_at = ? WHERE answer_id = ? AND caller = ?",
        vote,
        comment || null,
        now,
        answerId,
        caller,
      );
      if (changed > 0) return "changed";
      await session.run(
        `INSERT INTO feedback
         (answer_id, caller, number, vote, comment, question, store, generator, day, created_at, changed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        answerId,
        caller,
        await nextSequence(session, "feedback"),
        vote,
        comment || null,
        excerpt(feedback.question),
        feedback.store ?? null,
        feedback.generator ?? null,
        dayOf(now),
        now,
        now,
      );
      return "added";
    });
    // Only now: the transaction may have been rolled back, and run again.
    this.#prunedAt = prunedAt;
    return result;
  }

  /** The newest first. @throws {StateError} */
  async list({
    from = 0,
    to = latest,
    vote,
    limit = 100,
    before = latest,
  }: ListOptions = {}): Promise<Feedback[]> {
    const rows = await this.#read<FeedbackRow>(
      `SELECT * FROM feedback WHERE created_at >= ? AND created_at < ? AND number < ?
       ${vote === undefined ? "" : "AND vote = ?"} ORDER BY number DESC LIMIT ${Math.min(1_000, Math.max(1, limit))}`,
      from,
      to,
      before,
      ...(vote === undefined ? [] : [vote]),
    );
    return rows.map(feedbackOf);
  }

  /** Days with votes, oldest first. A vote counts on the day of the first vote of its caller. @throws {StateError} */
  async byDay({ from = 0, to = latest }: FeedbackSpan = {}): Promise<DailyVotes[]> {
    const rows = await this.#read<{ day: string; vote: Vote; votes: number }>(
      `SELECT day, vote, count(*) AS votes FROM feedback
       WHERE created_at >= ? AND created_at < ? GROUP BY day, vote`,
      from,
      to,
    );
    const days = new Map<string, { up: number; down: number }>();
    for (const { day, vote, votes } of rows) {
      const counts = days.get(day) ?? { up: 0, down: 0 };
      counts[vote] = votes;
      days.set(day, counts);
    }
    return [...days].map(([day, counts]) => ({ day, ...counts })).sort((a, b) => (a.day < b.day ? -1 : 1));
  }

  /** Deletes what is older than the retention. @returns the number deleted @throws {StateError} */
  prune(): Promise<number> {
    return this.#state.transaction(async (session) => this.#prune(session, await session.now()));
  }

  async #prune(session: StateSession, now: number): Promise<number> {
    return await session.run("DELETE FROM feedback WHERE created_at < ?", now - this.#retentionDays * dayMs);
  }

  #read<Row extends object>(sql: string, ...values: readonly (string | number)[]): Promise<Row[]> {
    return this.#state.transaction((session) => session.all<Row>(sql, ...values), { readOnly: true });
  }
}

const dayMs = 86_400_000;
const latest = Number.MAX_SAFE_INTEGER;

interface FeedbackRow extends StateRow {
  readonly answer_id: string;
  readonly caller: string;
  readonly number: number;
  readonly vote: Vote;
  readonly comment: string | null;
  readonly question: string | null;
  readonly store: string | null;
  readonly generator: string | null;
  readonly created_at: number;
  readonly changed_at: number;
}

function feedbackOf(row: FeedbackRow): Feedback {
  return {
    number: row.number,
    answerId: row.answer_id,
    caller: row.caller,
    vote: row.vote,
    comment: row.comment ?? undefined,
    question: row.question ?? undefined,
    store: row.store ?? undefined,
    generator: row.generator ?? undefined,
    createdAt: row.created_at,
    changedAt: row.changed_at,
  };
}

/** `YYYY-MM-DD` in UTC. */
function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** PostgreSQL stores no NUL, and UTF-8 has no form for half of a surrogate pair. */
const unstorable = /[\0\p{Surrogate}]/u;

/** @throws {UsageError} */
function requireName(name: string, value: string): void {
  if (value !== "" && value.length <= longestName && !unstorable.test(value)) return;
  throw new UsageError(
    `${name} has to have 1 to ${longestName} characters, all of them Unicode without NUL.`,
  );
}

/** @throws {UsageError} */
function requireText(comment: string): void {
  if (comment.length > longestText) {
    throw new UsageError(
      `The comment has ${comment.length.toLocaleString("en")} characters; ${longestText.toLocaleString("en")} are allowed.`,
    );
  }
  if (unstorable.test(comment)) {
    throw new UsageError("The comment contains NUL or half of a surrogate pair, which cannot be stored.");
  }
}

/** The question is kept to understand a vote, so that a beginning without what cannot be stored is enough. */
function excerpt(question: string | undefined): string | null {
  if (question === undefined) return null;
  const text = question.replace(/[\0\p{Surrogate}]/gu, "\uFFFD");
  const characters = Array.from(text);
  return characters.length <= longestText ? text : `${characters.slice(0, longestText - 1).join("")}…`;
}
