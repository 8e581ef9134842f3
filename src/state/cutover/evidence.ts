import type { StateSession } from "../database.ts";

/** What one process measured of a pair in some seconds, as JSON: only `cutover/watch` reads it. */
export interface StoredFigures {
  /** When it was stored; epoch milliseconds by the store's clock. */
  readonly endMs: number;
  readonly figures: string;
}

/** A check of a pair, as it was found last. */
export interface StoredEvidence {
  readonly kind: string;
  /** Epoch milliseconds by the store's clock. */
  readonly at: number;
  readonly isGood: boolean;
  /** JSON. */
  readonly details: string;
}

export const cutoverEvidenceTables = `
  CREATE TABLE cutover_figures (
    pair TEXT NOT NULL,
    end_ms BIGINT NOT NULL,
    process TEXT NOT NULL,
    figures TEXT NOT NULL,
    PRIMARY KEY (pair, end_ms, process)
  );
  CREATE TABLE cutover_evidence (
    pair TEXT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    is_good BIGINT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (pair, kind)
  );
`;

/** Writes the figures of a process, and replaces what it wrote at the same time. */
export async function writeFigures(
  session: StateSession,
  pair: string,
  process: string,
  { endMs, figures }: StoredFigures,
): Promise<void> {
  await session.run(
    `INSERT INTO cutover_figures (pair, end_ms, process, figures) VALUES (?, ?, ?, ?)
     ON CONFLICT (pair, end_ms, process) DO UPDATE SET figures = excluded.figures`,
    pair,
    endMs,
    process,
    figures,
  );
}

/** The figures of all processes since then, oldest first. */
export async function readFigures(
  session: StateSession,
  pair: string,
  fromMs: number,
): Promise<StoredFigures[]> {
  const rows = await session.all<{ end_ms: number; figures: string }>(
    "SELECT end_ms, figures FROM cutover_figures WHERE pair = ? AND end_ms >= ? ORDER BY end_ms",
    pair,
    fromMs,
  );
  return rows.map((row) => ({ endMs: row.end_ms, figures: row.figures }));
}

export async function pruneFigures(session: StateSession, pair: string, beforeMs: number): Promise<void> {
  await session.run("DELETE FROM cutover_figures WHERE pair = ? AND end_ms < ?", pair, beforeMs);
}

/** Replaces the evidence of this kind. */
export async function writeEvidence(
  session: StateSession,
  pair: string,
  { kind, at, isGood, details }: StoredEvidence,
): Promise<void> {
  await session.run(
    `INSERT INTO cutover_evidence (pair, kind, at, is_good, details) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (pair, kind) DO UPDATE SET at = excluded.at, is_good = excluded.is_good, details = excluded.details`,
    pair,
    kind,
    at,
    isGood ? 1 : 0,
    details,
  );
}

export async function readEvidence(
  session: StateSession,
  pair: string,
  kind: string,
): Promise<StoredEvidence | undefined> {
  const row = await session.get<{ at: number; is_good: number; details: string }>(
    "SELECT at, is_good, details FROM cutover_evidence WHERE pair = ? AND kind = ?",
    pair,
    kind,
  );
  return row && { kind, at: row.at, isGood: row.is_good === 1, details: row.details };
}
