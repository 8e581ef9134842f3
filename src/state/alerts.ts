import { randomUUID } from "node:crypto";
import type { StateSession } from "./database.ts";

/** `page`: someone has to act now. `ticket`: within a day. */
type AlertSeverity = "page" | "ticket";

/** What a message about an alert says. */
export type AlertMessageKind = "firing" | "escalated" | "recovered";

/** A person knows of an alert and sees to it. */
export interface Acknowledgement {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by: string;
  /** May be empty. */
  readonly text: string;
}

/** A condition that holds, or held, for some time. At most one alert of a key fires at a time. */
export interface Alert {
  readonly id: string;
  /** The condition: `objective:errors`, `backups`. */
  readonly key: string;
  readonly severity: AlertSeverity;
  readonly state: "firing" | "recovered";
  readonly sentence: string;
  /** Figures, as JSON. */
  readonly evidence: unknown;
  /** Epoch milliseconds by the store's clock. */
  readonly startedAt: number;
  readonly recoveredAt: number | undefined;
  /** The last one. An alert whose severity rises counts as new. */
  readonly acknowledgement: Acknowledgement | undefined;
  /** The state of its last message to the webhook; `none` if it has none. */
  readonly notification: "none" | "pending" | "delivered" | "failed";
}

export interface AlertCondition {
  readonly key: string;
  readonly severity: AlertSeverity;
  readonly sentence: string;
  readonly evidence?: unknown;
  /** Its cause opens an incident of its own, with a report: a page opens no second one. */
  readonly hasIncident?: boolean;
}

/** A message that one process delivers. */
export interface AlertMessage {
  /** Stays the same over attempts. */
  readonly id: string;
  readonly kind: AlertMessageKind;
  readonly alert: Alert;
  /** Attempts before this one. */
  readonly attempts: number;
}

export const alertTables = `
  CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    severity TEXT NOT NULL,
    sentence TEXT NOT NULL,
    evidence TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    recovered_at BIGINT,
    acknowledgement TEXT
  );
  CREATE UNIQUE INDEX firing_alerts ON alerts (key) WHERE recovered_at IS NULL;
  CREATE INDEX alerts_by_time ON alerts (started_at);
  CREATE TABLE alert_messages (
    id TEXT PRIMARY KEY,
    alert_id TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    holder TEXT
  );
  CREATE INDEX due_alert_messages ON alert_messages (state, due_at);
`;

interface Row {
  readonly id: string;
  readonly key: string;
  readonly severity: AlertSeverity;
  readonly sentence: string;
  readonly evidence: string;
  readonly started_at: number;
  readonly recovered_at: number | null;
  readonly acknowledgement: string | null;
  readonly notification: Alert["notification"] | null;
}

/** Messages of one alert that were made in the same millisecond. */
const kindOrder = "CASE kind WHEN 'firing' THEN 0 WHEN 'escalated' THEN 1 ELSE 2 END";

const columns = `id, key, severity, sentence, evidence, started_at, recovered_at, acknowledgement,
  (SELECT state FROM alert_messages WHERE alert_id = alerts.id ORDER BY created_at DESC, ${kindOrder} DESC LIMIT 1) AS notification`;

/**
 * Makes an alert fire, or raises the severity of one that fires. Several processes may call it for the same
 * condition: one of them gets the change.
 *
 * @param notify whether a message has to be delivered
 * @param startedAt epoch milliseconds; default: now
 * @returns what happened, or `undefined` if the same alert fires already
 */
export async function fireAlert(
  session: StateSession,
  { key, severity, sentence, evidence = null }: AlertCondition,
  notify: boolean,
  startedAt?: number,
): Promise<{ readonly kind: AlertMessageKind; readonly alert: Alert } | undefined> {
  const firing = await firingAlert(session, key);
  if (firing !== undefined && (firing.severity === severity || severity === "ticket")) return undefined;
  const id = firing?.id ?? randomUUID();
  const now = await session.now();
  await session.run(
    `INSERT INTO alerts (id, key, severity, sentence, evidence, started_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET severity = excluded.severity, sentence = excluded.sentence,
       evidence = excluded.evidence, acknowledgement = NULL`,
    id,
    key,
    severity,
    sentence,
    JSON.stringify(evidence),
    startedAt ?? now,
  );
  const kind = firing === undefined ? "firing" : "escalated";
  if (notify) await addMessage(session, id, kind, now);
  return { kind, alert: (await firingAlert(session, key)) as Alert };
}

/** Gives an alert that fires another sentence, and tells nobody. @returns it, or `undefined` if none of this key fires */
export async function updateAlert(
  session: StateSession,
  { key, sentence, evidence = null }: AlertCondition,
): Promise<Alert | undefined> {
  const firing = await firingAlert(session, key);
  if (firing === undefined) return undefined;
  const values = [sentence, JSON.stringify(evidence), firing.id];
  await session.run("UPDATE alerts SET sentence = ?, evidence = ? WHERE id = ?", ...values);
  return { ...firing, sentence, evidence };
}

/** @returns the alert that ended, or `undefined` if none of this key fires */
export async function recoverAlert(
  session: StateSession,
  key: string,
  notify: boolean,
): Promise<Alert | undefined> {
  const firing = await firingAlert(session, key);
  if (firing === undefined) return undefined;
  const now = await session.now();
  await session.run("UPDATE alerts SET recovered_at = ? WHERE id = ?", now, firing.id);
  if (notify) await addMessage(session, firing.id, "recovered", now);
  return { ...firing, state: "recovered", recoveredAt: now };
}

/**
 * Keeps that a person knows of an alert, if it fires.
 *
 * @returns the alert after it, unchanged if it has ended; `undefined` if it does not exist
 */
export async function acknowledgeAlert(
  session: StateSession,
  id: string,
  { by, text }: Omit<Acknowledgement, "at">,
): Promise<Alert | undefined> {
  await session.run(
    "UPDATE alerts SET acknowledgement = ? WHERE id = ? AND recovered_at IS NULL",
    JSON.stringify({ at: await session.now(), by, text }),
    id,
  );
  const row = await session.get<Row>(`SELECT ${columns} FROM alerts WHERE id = ?`, id);
  return row && toAlert(row);
}

async function firingAlert(session: StateSession, key: string): Promise<Alert | undefined> {
  const row = await session.get<Row>(
    `SELECT ${columns} FROM alerts WHERE key = ? AND recovered_at IS NULL`,
    key,
  );
  return row && toAlert(row);
}

export interface AlertQuery {
  readonly isFiring?: boolean;
  /** Only those that fired at some time from here on. Epoch milliseconds. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Default 100. */
  readonly limit?: number;
}

/** The newest first. */
export async function listAlerts(
  session: StateSession,
  { isFiring, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, limit = 100 }: AlertQuery = {},
): Promise<Alert[]> {
  const rows = await session.all<Row>(
    `SELECT ${columns} FROM alerts
     WHERE started_at < ? AND (recovered_at IS NULL OR recovered_at >= ?)
     ${isFiring === undefined ? "" : `AND recovered_at IS ${isFiring ? "" : "NOT "}NULL`}
     ORDER BY started_at DESC, id LIMIT ?`,
    toMs,
    fromMs,
    limit,
  );
  return rows.map(toAlert);
}

/**
 * Takes messages that are due. Nobody else gets them for `leaseMs`: a process that dies meanwhile leaves them to
 * another one.
 */
export async function takeAlertMessages(
  session: StateSession,
  holder: string,
  leaseMs: number,
): Promise<AlertMessage[]> {
  const now = await session.now();
  const rows = await session.all<{ id: string; kind: AlertMessageKind; alert_id: string; attempts: number }>(
    `SELECT id, kind, alert_id, attempts FROM alert_messages WHERE state = 'pending' AND due_at <= ?
     ORDER BY created_at, ${kindOrder} LIMIT 20`,
    now,
  );
  const messages: AlertMessage[] = [];
  for (const { id, kind, alert_id, attempts } of rows) {
    await session.run(
      "UPDATE alert_messages SET due_at = ?, holder = ? WHERE id = ?",
      now + leaseMs,
      holder,
      id,
    );
    const row = await session.get<Row>(`SELECT ${columns} FROM alerts WHERE id = ?`, alert_id);
    if (row) messages.push({ id, kind, attempts, alert: toAlert(row) });
  }
  return messages;
}

/**
 * Notes how an attempt ended, if the message still belongs to this holder.
 * @param outcome `delivered`, `failed` for good, or the milliseconds until the next attempt
 */
export async function settleAlertMessage(
  session: StateSession,
  id: string,
  holder: string,
  outcome: "delivered" | "failed" | { readonly retryMs: number },
): Promise<void> {
  const isRetry = typeof outcome === "object";
  await session.run(
    `UPDATE alert_messages SET state = ?, due_at = ?, attempts = attempts + 1, holder = NULL
     WHERE id = ? AND holder = ?`,
    isRetry ? "pending" : outcome,
    (await session.now()) + (isRetry ? outcome.retryMs : 0),
    id,
    holder,
  );
}

/** Deletes alerts that ended before this time, with their messages. */
export async function pruneAlerts(session: StateSession, beforeMs: number): Promise<number> {
  return await session.run("DELETE FROM alerts WHERE recovered_at < ?", beforeMs);
}

async function addMessage(
  session: StateSession,
  alertId: string,
  kind: AlertMessageKind,
  now: number,
): Promise<void> {
  await session.run(
    `INSERT INTO alert_messages (id, alert_id, kind, state, created_at, due_at, attempts)
     VALUES (?, ?, ?, 'pending', ?, ?, 0)`,
    randomUUID(),
    alertId,
    kind,
    now,
    now,
  );
}

function toAlert(row: Row): Alert {
  return {
    id: row.id,
    key: row.key,
    severity: row.severity,
    state: row.recovered_at === null ? "firing" : "recovered",
    sentence: row.sentence,
    evidence: JSON.parse(row.evidence),
    startedAt: row.started_at,
    recoveredAt: row.recovered_at ?? undefined,
    acknowledgement: row.acknowledgement === null ? undefined : JSON.parse(row.acknowledgement),
    notification: row.notification ?? "none",
  };
}
