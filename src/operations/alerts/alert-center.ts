import { describeFailure } from "../../foundation/describe-failure.ts";
import {
  type Acknowledgement,
  type Alert,
  type AlertCondition,
  type AlertMessage,
  type AlertMessageKind,
  fireAlert,
  listAlerts,
  pruneAlerts,
  recoverAlert,
  settleAlertMessage,
  takeAlertMessages,
  updateAlert,
} from "../../state/alerts.ts";
import type { StateDatabase, StateSession } from "../../state/database.ts";
import { closeIncident, listIncidents, openIncident } from "../../state/incidents.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { acknowledge } from "./acknowledge.ts";
import type { Delivery } from "./webhook.ts";

export type { Alert, AlertCondition } from "../../state/alerts.ts";

/** Sends messages about alerts. */
export interface Notifier {
  deliver(message: Pick<AlertMessage, "id" | "kind" | "alert">): Promise<Delivery>;
}

export interface AlertCenterOptions {
  readonly state: StateDatabase;
  readonly metrics: Metrics;
  /** Names this process among those that share the state. */
  readonly replica: string;
  /** Absent: alerts are only logged. */
  readonly webhook?: Notifier;
  /** Called once for each change of an alert that this process makes. */
  readonly onChange: (kind: AlertMessageKind, alert: Alert) => void;
  /** Called if a message could not be delivered, or the state store could not be used. */
  readonly onFailure: (problem: string) => void;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** Milliseconds that a transaction may take; the next look at the objectives tries again. */
const timeoutMs = 5_000;

/** Longer than an attempt of the webhook, so that nobody else delivers the same message meanwhile. */
const leaseMs = 30_000;

/** Milliseconds before the second attempt; doubles up to 10 minutes. All attempts take about 40 minutes. */
const firstRetryMs = 5_000;
const longestRetryMs = 600_000;
const maximumAttempts = 10;

/** Ended alerts that wait for the state store. */
const mostEndedUnstored = 100;

/** Days that ended alerts are kept. */
const keptDays = 400;

/**
 * Alerts of all replicas: each fires once, recovers once, and is delivered by one of them. While the state store cannot
 * be used, each replica logs and delivers its own alerts: a second message does less harm than silence.
 */
export class AlertCenter {
  readonly #options: AlertCenterOptions;
  readonly #now: () => number;
  /** Alerts that could not be stored yet, by key. */
  readonly #unstored = new Map<string, Alert>();
  /** Alerts that ended before they could be stored, the oldest first; a bounded number. */
  readonly #endedUnstored: Alert[] = [];
  #firing: readonly Alert[] = [];

  constructor(options: AlertCenterOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Alerts that fire, of all replicas, as of the last `refresh`. */
  get firing(): readonly Alert[] {
    const stored = this.#firing.filter(({ key }) => !this.#unstored.has(key));
    return [...this.#unstored.values(), ...stored];
  }

  /** Alerts that are not in the state store yet, the newest first. */
  get unstored(): readonly Alert[] {
    return [...this.#endedUnstored, ...this.#unstored.values()].sort(
      (left, right) => right.startedAt - left.startedAt,
    );
  }

  isFiring(key: string): boolean {
    return this.firing.some((alert) => alert.key === key);
  }

  /** Makes an alert fire, unless it does; then it says what is the case now. Never throws. */
  async raise(condition: AlertCondition): Promise<void> {
    const { state, webhook } = this.#options;
    const before = this.firing.find(({ key }) => key === condition.key);
    if (before !== undefined && (before.severity === condition.severity || condition.severity === "ticket")) {
      if (before.sentence !== condition.sentence) await this.#update(condition);
      return;
    }
    try {
      const change = await state.transaction(
        async (session) => {
          const fired = await fireAlert(session, condition, webhook !== undefined);
          if (fired?.alert.severity === "page" && !condition.hasIncident)
            await reportIncident(session, fired.alert);
          return fired;
        },
        { timeoutMs },
      );
      if (change === undefined) return;
      this.#firing = [...this.#firing.filter(({ key }) => key !== condition.key), change.alert];
      this.#changed(change.kind, change.alert);
    } catch (error) {
      this.#options.onFailure(`An alert could not be stored: ${describeFailure(error)}`);
      await this.#raiseAlone(condition, before);
    }
  }

  /** The cause of a fault may change while it lasts: a store that hung does not answer at all. */
  async #update(condition: AlertCondition): Promise<void> {
    const { state } = this.#options;
    const unstored = this.#unstored.get(condition.key);
    if (unstored !== undefined) {
      const { sentence, evidence = null } = condition;
      this.#unstored.set(condition.key, { ...unstored, sentence, evidence });
      return;
    }
    try {
      const alert = await state.transaction((session) => updateAlert(session, condition), { timeoutMs });
      if (alert === undefined) return;
      this.#firing = this.#firing.map((firing) => (firing.key === alert.key ? alert : firing));
    } catch (error) {
      this.#options.onFailure(`An alert could not be stored: ${describeFailure(error)}`);
    }
  }

  /** Ends an alert, if it fires. Never throws. */
  async recover(key: string): Promise<void> {
    if (!this.isFiring(key)) return;
    const { state, webhook } = this.#options;
    const unstored = this.#unstored.get(key);
    this.#unstored.delete(key);
    if (unstored !== undefined) {
      const alert = recovered(unstored, this.#now());
      this.#keepEnded(alert);
      this.#changed("recovered", alert);
      await this.#deliverAlone("recovered", alert);
      return;
    }
    try {
      const alert = await state.transaction(
        async (session) => {
          const ended = await recoverAlert(session, key, webhook !== undefined);
          if (ended !== undefined) await endIncident(session, ended);
          return ended;
        },
        { timeoutMs },
      );
      this.#firing = this.#firing.filter((firing) => firing.key !== key);
      if (alert !== undefined) this.#changed("recovered", alert);
    } catch (error) {
      this.#options.onFailure(`The end of an alert could not be stored: ${describeFailure(error)}`);
    }
  }

  /** Keeps a condition that is over as an alert that has ended; nobody is notified. */
  addPast(condition: AlertCondition, startedAt: number): void {
    this.#keepEnded(
      recovered({ ...this.#aloneAlert(condition, startedAt), notification: "none" }, this.#now()),
    );
  }

  #keepEnded(alert: Alert): void {
    this.#endedUnstored.push(alert);
    if (this.#endedUnstored.length > mostEndedUnstored) this.#endedUnstored.shift();
  }

  /** Alerts that ended first, then those that fire. They were delivered when they were raised. */
  async #storeLate(): Promise<void> {
    const { state } = this.#options;
    for (let alert = this.#endedUnstored[0]; alert !== undefined; alert = this.#endedUnstored[0]) {
      const ended = alert;
      await state.transaction(
        async (session) => {
          // Another replica may have stored the same one.
          const known = await listAlerts(session, { fromMs: ended.startedAt });
          if (known.some(({ key }) => key === ended.key)) return;
          await fireLate(session, ended);
          await recoverAlert(session, ended.key, false);
          await endIncident(session, ended);
        },
        { timeoutMs },
      );
      this.#endedUnstored.shift();
    }
    for (const [key, alert] of this.#unstored) {
      await state.transaction((session) => fireLate(session, alert), { timeoutMs });
      this.#unstored.delete(key);
    }
  }

  /**
   * Keeps that a person knows of an alert.
   *
   * @returns the alert after it, unchanged if it has ended; `undefined` if it does not exist
   * @throws {StateError}
   */
  async acknowledge(id: string, what: Omit<Acknowledgement, "at">): Promise<Alert | undefined> {
    const alert = await acknowledge(this.#options.state, id, what);
    this.#firing = this.#firing.map((firing) => (firing.id === id && alert ? alert : firing));
    return alert;
  }

  /** Stores what could not be stored before, reads the alerts of all replicas, and delivers messages. Never throws. */
  async refresh(): Promise<void> {
    const { state, replica, webhook } = this.#options;
    try {
      await this.#storeLate();
      this.#firing = await state.transaction((session) => listAlerts(session, { isFiring: true }), {
        readOnly: true,
        timeoutMs,
      });
      if (webhook === undefined) return;
      const messages = await state.transaction((session) => takeAlertMessages(session, replica, leaseMs), {
        timeoutMs,
      });
      // At once: a webhook that hangs must not use up the lease of the messages behind it.
      await Promise.all(messages.map((message) => this.#deliver(message)));
    } catch (error) {
      this.#options.onFailure(`Alerts could not be read: ${describeFailure(error)}`);
    } finally {
      this.#exposeFiring();
    }
  }

  /** Deletes alerts that ended long ago. */
  async prune(): Promise<void> {
    const before = this.#now() - keptDays * 86_400_000;
    await this.#options.state.transaction((session) => pruneAlerts(session, before), { timeoutMs });
  }

  async #deliver(message: AlertMessage): Promise<void> {
    const { state, replica, webhook } = this.#options;
    const delivery = (await webhook?.deliver(message)) as Delivery;
    const outcome = this.#outcomeOf(delivery, message.attempts + 1);
    if (!delivery.isDelivered) {
      const next = outcome === "failed" ? "It is not tried again." : "It is tried again.";
      this.#options.onFailure(`An alert was not delivered: ${delivery.problem}. ${next}`);
    }
    this.#count(delivery);
    await state.transaction((session) => settleAlertMessage(session, message.id, replica, outcome), {
      timeoutMs,
    });
  }

  #outcomeOf(delivery: Delivery, attempts: number): "delivered" | "failed" | { readonly retryMs: number } {
    if (delivery.isDelivered) return "delivered";
    if (!delivery.isRetryable || attempts >= maximumAttempts) return "failed";
    const backoffMs = Math.min(firstRetryMs * 2 ** (attempts - 1), longestRetryMs);
    return { retryMs: Math.max(backoffMs, Math.min(delivery.retryAfterMs ?? 0, longestRetryMs)) };
  }

  #aloneAlert(condition: AlertCondition, startedAt: number): Alert {
    return {
      ...condition,
      id: `${this.#options.replica}:${condition.key}:${this.#now()}`,
      state: "firing",
      evidence: condition.evidence ?? null,
      startedAt,
      recoveredAt: undefined,
      acknowledgement: undefined,
      notification: this.#options.webhook === undefined ? "none" : "pending",
    };
  }

  async #raiseAlone(condition: AlertCondition, before: Alert | undefined): Promise<void> {
    const alert = this.#aloneAlert(condition, before?.startedAt ?? this.#now());
    this.#unstored.set(condition.key, alert);
    const kind = before === undefined ? "firing" : "escalated";
    this.#changed(kind, alert);
    await this.#deliverAlone(kind, alert);
  }

  async #deliverAlone(kind: AlertMessageKind, alert: Alert): Promise<void> {
    const delivery = await this.#options.webhook?.deliver({ id: `${alert.id}:${kind}`, kind, alert });
    if (delivery === undefined) return;
    this.#count(delivery);
    if (!delivery.isDelivered) {
      this.#options.onFailure(`An alert was not delivered: ${delivery.problem}.`);
    }
  }

  #changed(kind: AlertMessageKind, alert: Alert): void {
    this.#exposeFiring();
    this.#options.onChange(kind, alert);
  }

  #count({ isDelivered }: Delivery): void {
    this.#options.metrics.families.notifications.inc({ outcome: isDelivered ? "delivered" : "failed" });
  }

  #exposeFiring(): void {
    const { alertsFiring } = this.#options.metrics.families;
    alertsFiring.reset();
    for (const { key, severity } of this.firing) alertsFiring.set({ alert: key, severity }, 1);
  }
}

/** Stores an alert that began earlier, while the state store could not be used. */
async function fireLate(
  session: StateSession,
  alert: Alert & Pick<AlertCondition, "hasIncident">,
): Promise<void> {
  const fired = await fireAlert(session, alert, false, alert.startedAt);
  if (fired?.alert.severity === "page" && !alert.hasIncident) await reportIncident(session, fired.alert);
}

/** The incident of an alert that someone has to act on has the same begin, end and evidence. */
async function reportIncident(session: StateSession, alert: Alert): Promise<void> {
  const { key, sentence, severity, evidence, startedAt } = alert;
  const open = await listIncidents(session, { kind: `alert:${key}`, isOpen: true, limit: 1 });
  if (open.length > 0) return;
  await openIncident(session, {
    kind: `alert:${key}`,
    title: sentence,
    evidence: { severity, figures: evidence },
    openedAt: startedAt,
  });
}

async function endIncident(session: StateSession, { key }: Alert): Promise<void> {
  const open = await listIncidents(session, { kind: `alert:${key}`, isOpen: true });
  for (const { id } of open) await closeIncident(session, id);
}

function recovered(alert: Alert, now: number): Alert {
  return { ...alert, state: "recovered", recoveredAt: now };
}
