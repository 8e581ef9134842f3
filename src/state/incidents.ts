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
  /** Whether it stays open until a person closes it. */
  readonly isKept: boolean;
  /** What people did about it, oldest first. */
  readonly notes: readonly IncidentNote[];
}

/** What a person can do with an incident. `keep-open` also opens one that is closed. */
export const incidentActions = ["note", "keep-open", "close"] as const;

export type IncidentAction = (typeof incidentActions)[number];

export interface IncidentNote {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by: string;
  readonly action: IncidentAction;
  /** May be empty, except for `note`. */
  readonly text: string;
}

export interface NewIncident {
  readonly kind: string;
  readonly title: string;
  readonly evidence?: unknown;
  readonly report?: string;
  readonly isKept?: boolean;
  /** Epoch milliseconds; default: now. */
  readonly openedAt?: number;
}

/** What changes; missing parts stay. */
export type IncidentChange = Partial<Pick<NewIncident, "title" | "evidence" | "report">>;

export interface IncidentQuery {
  readonly kind?: string;
  /** Only those that were open at some time from here on. Epoch milliseconds. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly isOpen?: boolean;
  readonly hasReport?: boolean;
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
    report TEXT,
    is_kept BIGINT NOT NULL,
    notes TEXT NOT NULL
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
  readonly is_kept: number;
  readonly notes: string;
}

export async function openIncident(
  session: StateSession,
  { kind, title, evidence = null, report, isKept = false, openedAt }: NewIncident,
): Promise<Incident> {
  const now = openedAt ?? (await session.now());
  const id = randomUUID();
  await session.run(
    `INSERT INTO incidents (id, kind, title, opened_at, updated_at, evidence, report, is_kept, notes)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, '[]')`,
    id,
    kind,
    title,
    now,
    now,
    JSON.stringify(evidence),
    report ?? null,
    isKept ? 1 : 0,
  );
  const times = { openedAt: now, updatedAt: now, closedAt: undefined };
  return { id, kind, title, ...times, evidence, report, isKept, notes: [] };
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

/**
 * Ends an incident whose cause is over. One that a person keeps open takes the change and stays open; one that a
 * person has closed already takes the change if it has no report yet.
 *
 * @returns false if it does not exist, or ended already
 */
export async function closeIncident(
  session: StateSession,
  id: string,
  change: IncidentChange = {},
): Promise<boolean> {
  const now = await session.now();
  const closed = await session.run(
    `UPDATE incidents SET closed_at = CASE is_kept WHEN 0 THEN COALESCE(closed_at, CAST(? AS BIGINT)) END
     WHERE id = ? AND (report IS NULL OR (closed_at IS NULL AND is_kept = 0))`,
    now,
    id,
  );
  return closed > 0 && (await updateIncident(session, id, change));
}

/**
 * Keeps what a person did about an incident.
 *
 * @returns the incident after it; `undefined` if it does not exist
 */
export async function actOnIncident(
  session: StateSession,
  id: string,
  { action, by, text }: Omit<IncidentNote, "at">,
): Promise<Incident | undefined> {
  const [row] = await session.all<Row>("SELECT * FROM incidents WHERE id = ?", id);
  if (row === undefined) return undefined;
  const at = await session.now();
  const before = toIncident(row);
  const after: Incident = {
    ...before,
    updatedAt: at,
    notes: [...before.notes, { at, by, action, text }],
    ...(action === "keep-open" && { isKept: true, closedAt: undefined }),
    ...(action === "close" && { isKept: false, closedAt: before.closedAt ?? at }),
  };
  await session.run(
    "UPDATE incidents SET closed_at = ?, updated_at = ?, is_kept = ?, notes = ? WHERE id = ?",
    after.closedAt ?? null,
    at,
    after.isKept ? 1 : 0,
    JSON.stringify(after.notes),
    id,
  );
  return after;
}

/** The newest first. */
export async function listIncidents(
  session: StateSession,
  { kind, fromMs, toMs, isOpen, hasReport, limit = 100 }: IncidentQuery = {},
): Promise<Incident[]> {
  const conditions: [string, string | number][] = [
    ...(kind === undefined ? [] : [["kind = ?", kind] as [string, string]]),
    ...(fromMs === undefined ? [] : [["(closed_at IS NULL OR closed_at >= ?)", fromMs] as [string, number]]),
    ...(toMs === undefined ? [] : [["opened_at < ?", toMs] as [string, number]]),
  ];
  const where = [
    ...conditions.map(([condition]) => condition),
    ...(isOpen === undefined ? [] : [`closed_at IS ${isOpen ? "" : "NOT "}NULL`]),
    ...(hasReport === undefined ? [] : [`report IS ${hasReport ? "NOT " : ""}NULL`]),
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
    isKept: row.is_kept === 1,
    notes: JSON.parse(row.notes),
  };
}
