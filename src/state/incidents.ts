import { randomUUID } from "node:crypto";
import type { StateSession } from "./database.ts";

/** Something that went wrong, from its begin to its end, with what was known about it. */
export interface Incident {
  readonly id: string;
  /** Names the cause for programs: `rollback`, `alert`, `verification`. */
  readonly kind: string;
  readonly title: string;
  /** Epoch milliseconds by the store's clock. */
  readonly openedAt: number;
  readonly updatedAt: number;
  /** `undefined` while it is open. */
  readonly closedAt: number | undefined;
  /** Figures and events, as JSON. */
  readonly evidence: unknown;
  /** For people, in Markdown. */
  readonly report: string | undefined;
}

export interface NewIncident {
  readonly kind: string;
  readonly title: string;
  readonly evidence?: unknown;
  readonly report?: string;
}

/** What changes; missing parts stay. */
export type IncidentChange = Partial<Pick<NewIncident, "title" | "evidence" | "report">>;

export interface IncidentQuery {
  readonly kind?: string;
  /** Only those that were open at some time from here on. Epoch milliseconds. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly isOpen?: boolean;
  /** Default 100. */
  readonly limit?: number;
}

export const incidentTables = `
  CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    closed_at BIGINT,
    evidence TEXT NOT NULL,
    report TEXT
  );
  CREATE INDEX incidents_by_time ON incidents (opened_at);
`;

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly opened_at: number;
  readonly updated_at: number;
  readonly closed_at: number | null;
  readonly evidence: string;
  readonly report: string | null;
}

export async function openIncident(
  session: StateSession,
  { kind, title, evidence = null, report }: NewIncident,
): Promise<Incident> {
  const now = await session.now();
  const id = randomUUID();
  await session.run(
    `INSERT INTO incidents (id, kind, title, opened_at, updated_at, evidence, report)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    id,
    kind,
    title,
    now,
    now,
    JSON.stringify(evidence),
    report ?? null,
  );
  return { id, kind, title, openedAt: now, updatedAt: now, closedAt: undefined, evidence, report };
}

/** @returns false if it does not exist */
export async function updateIncident(
  session: StateSession,
  id: string,
  { title, evidence, report }: IncidentChange,
): Promise<boolean> {
  const changed = await session.run(
    `UPDATE incidents SET title = COALESCE(?, title), evidence = COALESCE(?, evidence),
       report = COALESCE(?, report), updated_at = ? WHERE id = ?`,
    title ?? null,
    evidence === undefined ? null : JSON.stringify(evidence),
    report ?? null,
    await session.now(),
    id,
  );
  return changed > 0;
}

/** @returns false if it does not exist or is closed already */
export async function closeIncident(
  session: StateSession,
  id: string,
  change: IncidentChange = {},
): Promise<boolean> {
  const now = await session.now();
  const closed = await session.run(
    "UPDATE incidents SET closed_at = ? WHERE id = ? AND closed_at IS NULL",
    now,
    id,
  );
  return closed > 0 && (await updateIncident(session, id, change));
}

/** The newest first. */
export async function listIncidents(
  session: StateSession,
  { kind, fromMs, toMs, isOpen, limit = 100 }: IncidentQuery = {},
): Promise<Incident[]> {
  const conditions: [string, string | number][] = [
    ...(kind === undefined ? [] : [["kind = ?", kind] as [string, string]]),
    ...(fromMs === undefined ? [] : [["(closed_at IS NULL OR closed_at >= ?)", fromMs] as [string, number]]),
    ...(toMs === undefined ? [] : [["opened_at < ?", toMs] as [string, number]]),
  ];
  const where = [
    ...conditions.map(([condition]) => condition),
    ...(isOpen === undefined ? [] : [`closed_at IS ${isOpen ? "" : "NOT "}NULL`]),
  ];
  const rows = await session.all<Row>(
    `SELECT * FROM incidents ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""}
     ORDER BY opened_at DESC, id LIMIT ?`,
    ...conditions.map(([, value]) => value),
    limit,
  );
  return rows.map(toIncident);
}

function toIncident(row: Row): Incident {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    openedAt: row.opened_at,
    updatedAt: row.updated_at,
    closedAt: row.closed_at ?? undefined,
    evidence: JSON.parse(row.evidence),
    report: row.report ?? undefined,
  };
}
