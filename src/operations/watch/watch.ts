import { describeFailure } from "../../foundation/describe-failure.ts";
import { isRunning, processPlace } from "../../foundation/process-identity.ts";
import { type Acknowledgement, type AlertMessage, type AlertQuery, listAlerts } from "../../state/alerts.ts";
import type { StateDatabase, StateSession } from "../../state/database.ts";
import {
  actOnIncident,
  type Incident,
  type IncidentNote,
  type IncidentQuery,
  listIncidents,
} from "../../state/incidents.ts";
import { ReplicaRepository, type Replicas } from "../../state/replicas.ts";
import { type Alert, AlertCenter, type Notifier } from "../alerts/alert-center.ts";
import type { Log } from "../logs/log.ts";
import { minuteMs } from "../metrics/bucket.ts";
import { type HistoryPoint, type HistorySpan, MetricHistory, readHistory } from "../metrics/history.ts";
import type { Exposition, Metrics } from "../metrics/metrics.ts";
import { Timeline } from "../metrics/timeline.ts";
import { breachSentence } from "../objectives/describe.ts";
import { type Evaluation, evaluate } from "../objectives/evaluate.ts";
import type { ObjectiveTargets } from "../objectives/targets.ts";
import { failureWords } from "../status/failure-words.ts";
import { isoTime } from "../status/iso-time.ts";
import { summarize } from "../status/sentence.ts";
import type { SectionName, Status } from "../status/status.ts";
import type { StoreHealth } from "../status/store-health.ts";
import { type Check, type CheckResult, Checks } from "./checks.ts";
import { type IncidentCost, incidentCost } from "./incident-cost.ts";
import { ownChecks, type StateFault, stateCondition, stateProblem } from "./own-checks.ts";
import { type SectionProvider, Sections } from "./sections.ts";
import { holdMs, lookMs, objectiveKey, toAlertStatus, toObjective } from "./to-status.ts";
import { trafficOf } from "./traffic.ts";

export interface WatchOptions {
  readonly version: string;
  readonly metrics: Metrics;
  readonly stores: StoreHealth;
  readonly state: StateDatabase;
  readonly targets: ObjectiveTargets;
  /** Names this process among those that share the state. */
  readonly replica: string;
  /** Days that the metric history is kept. */
  readonly retentionDays: number;
  readonly log: Log;
  /** Absent: alerts are only logged. */
  readonly webhook?: Notifier & { close(): Promise<void> };
  readonly sections?: Readonly<Partial<Record<SectionName, SectionProvider>>>;
  /** Conditions of other parts that raise alerts. */
  readonly checks?: readonly Check[];
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** Milliseconds for which a status is used again. */
const freshForMs = 1_000;

const stateLevels = { good: "info", unknown: "info", warning: "warn", bad: "error" } as const;

/**
 * Watches the service: judges the objectives by what all replicas measured, raises alerts, and says in one sentence
 * whether everything is all right. It never throws into the service that it watches.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #now: () => number;
  readonly #timeline = new Timeline();
  readonly #history: MetricHistory;
  readonly #alerts: AlertCenter;
  readonly #checks: Checks;
  readonly #sections: Sections;
  readonly #replicas: ReplicaRepository;
  readonly #listeners = new Set<() => void>();
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;
  #stateFault: StateFault | undefined;
  #status: { readonly at: number; readonly status: Status } | undefined;
  #lastSentence = "";
  #lastReplicas: Replicas;
  /** When something was wrong the last time, epoch milliseconds. */
  #troubledAt: number | undefined;
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(options: WatchOptions) {
    const { metrics, state, replica, retentionDays, log, webhook, now = Date.now } = options;
    this.#options = options;
    this.#now = now;
    this.#history = new MetricHistory({
      metrics,
      timeline: this.#timeline,
      state,
      replica,
      retentionDays,
      now,
      onFailure: (error) =>
        log.warn({ failure: describeFailure(error) }, "The metric history was not written or read"),
    });
    this.#alerts = new AlertCenter({
      state,
      metrics,
      replica,
      now,
      ...(webhook && { webhook }),
      onChange: (kind, alert) => logAlert(log, kind, alert),
      onFailure: (problem) => log.warn({}, problem),
    });
    this.#checks = new Checks(this.#alerts, now);
    this.#sections = new Sections(options.sections ?? {});
    const self = { replica, place: processPlace(), process: process.pid };
    this.#replicas = new ReplicaRepository(state, self, isRunning);
    this.#lastReplicas = { serving: [replica], lost: [] };
    this.#exposeTargets();
  }

  /** Begins to look at regular times; the first look has ended when it resolves. */
  async start(): Promise<void> {
    await this.#recallTrouble();
    await this.look();
    this.#timer = setInterval(() => void this.look(), lookMs);
    this.#timer.unref();
  }

  /** A process that has just begun asks when the last alert ended. */
  async #recallTrouble(): Promise<void> {
    try {
      const [last] = await this.alerts({ limit: 1 });
      this.#troubledAt = last?.recoveredAt;
    } catch (error) {
      this.#options.log.warn({ failure: describeFailure(error) }, "The last alert could not be read");
    }
  }

  /** Writes what was measured last, and signs off. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#running;
    // Without the store it counts as lost.
    if (await this.#history.sync()) await this.#replicas.signOff().catch(() => {});
    await this.#options.webhook?.close();
  }

  /** One look; a second call while one runs waits for that one. */
  async look(): Promise<void> {
    this.#running ??= this.#look().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** Called when the sentence of the status has changed. @returns ends the subscription */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Fires when the service begins to stop, so that streams of events end. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  beginStop(): void {
    this.#stopping.abort();
  }

  /** @param count clients that read events from this process */
  eventClients(count: number): void {
    this.#options.metrics.families.eventClients.set(count);
  }

  exposition(): Promise<Exposition> {
    return this.#options.metrics.exposition();
  }

  /** What all replicas measured. @throws {StateError} */
  async history(span: HistorySpan): Promise<HistoryPoint[]> {
    await this.#history.sync();
    return await readHistory(this.#options.state, span);
  }

  /**
   * The newest first; those that could not be stored yet before the others.
   * @throws {StateError} if the store cannot be read, and there are no others
   */
  async alerts(query: AlertQuery): Promise<Alert[]> {
    const { isFiring } = query;
    const unstored = this.#alerts.unstored.filter(
      ({ state }) => isFiring === undefined || isFiring === (state === "firing"),
    );
    try {
      const read = (session: StateSession) => listAlerts(session, query);
      return [...unstored, ...(await this.#options.state.transaction(read, { readOnly: true }))];
    } catch (error) {
      if (unstored.length === 0) throw error;
      return unstored;
    }
  }

  /** The newest first. @throws {StateError} */
  incidents(query: IncidentQuery): Promise<Incident[]> {
    return this.#options.state.transaction((session) => listIncidents(session, query), { readOnly: true });
  }

  /** Keeps what a person did. @returns the incident after it; `undefined` if it does not exist @throws {StateError} */
  actOnIncident(id: string, note: Omit<IncidentNote, "at">): Promise<Incident | undefined> {
    return this.#options.state.transaction((session) => actOnIncident(session, id, note));
  }

  /**
   * Keeps that a person knows of an alert, so that it no longer leads the sentence.
   *
   * @returns the alert after it, unchanged if it has ended; `undefined` if it does not exist
   * @throws {StateError}
   */
  async acknowledge(id: string, what: Omit<Acknowledgement, "at">): Promise<Alert | undefined> {
    const alert = await this.#alerts.acknowledge(id, what);
    if (alert?.state !== "firing") return alert;
    this.#options.log.info({ alert: alert.key, ...what }, "Alert acknowledged");
    this.#status = undefined;
    return alert;
  }

  /** What an incident has cost so far, by what all replicas measured. */
  costOf(incident: Incident): IncidentCost {
    return incidentCost(incident, this.#timeline, this.#options.targets, this.#now());
  }

  async #look(): Promise<void> {
    if (this.#isClosed) return;
    const isStored = await this.#history.sync();
    this.#noteState(isStored);
    for (const evaluation of this.#evaluate()) {
      const result = resultOf(evaluation, this.#cause());
      await this.#checks.apply({ key: objectiveKey(evaluation.name), holdMs }, result);
    }
    const { state, stores, checks = [] } = this.#options;
    const own = ownChecks({ state, stores, stateFault: this.#stateFault, now: this.#now() });
    for (const check of [...own, ...checks]) await this.#run(check);
    await this.#alerts.refresh();
    if (isStored) await this.#countReplicas();
    await this.#sections.refresh();
    await this.#prune();
    this.#status = undefined;
    const { sentence, condition } = this.status();
    if (sentence === this.#lastSentence) return;
    this.#lastSentence = sentence;
    this.#options.log[stateLevels[condition]]({ condition }, `State: ${sentence}`);
    for (const listener of this.#listeners) listener();
  }

  /** A short fault of the state store, which raised no alert, is kept as well once the store is back. */
  #noteState(isStored: boolean): void {
    const fault = this.#stateFault;
    if (!isStored) {
      this.#stateFault = { since: fault?.since ?? this.#now(), problem: stateProblem(this.#history.failure) };
      return;
    }
    this.#stateFault = undefined;
    if (fault === undefined || this.#alerts.isFiring("state")) return;
    this.#alerts.addPast(stateCondition(this.#options.state, fault, "ticket"), fault.since);
  }

  /** Why requests fail, as far as this process knows: the primary store does, and no other one answers. */
  #cause(): string {
    const { stores } = this.#options;
    const failing = stores.list().find(({ name, role }) => role === "primary" && stores.failingSince(name));
    if (failing === undefined || stores.reading !== undefined) return "";
    return ` Cause: ${failing.name} ${failureWords(failing.lastFailure?.error, "present")}.`;
  }

  async #countReplicas(): Promise<void> {
    const { log } = this.#options;
    try {
      const known = new Set(this.#lastReplicas.lost.map(({ replica }) => replica));
      this.#lastReplicas = await this.#replicas.signOn();
      for (const { replica, seenAt } of this.#lastReplicas.lost) {
        if (known.has(replica)) continue;
        log.warn({ lost: replica, lastSeen: isoTime(seenAt) }, "A replica is lost: it has not signed off");
      }
    } catch (error) {
      log.warn({ failure: describeFailure(error) }, "The replicas were not counted");
    }
  }

  async #run(check: Check): Promise<void> {
    try {
      await this.#checks.apply(check, await check.run());
    } catch (error) {
      this.#options.log.warn({ check: check.key, failure: describeFailure(error) }, "A check failed");
    }
  }

  #evaluate(): Evaluation[] {
    return evaluate(this.#timeline, this.#options.targets, this.#now());
  }

  /** The state of the service at this moment; the same object for up to a second. */
  status(): Status {
    const now = this.#now();
    if (this.#status === undefined || now - this.#status.at >= freshForMs || now < this.#status.at) {
      this.#history.collect();
      this.#status = { at: now, status: this.#makeStatus(now) };
    }
    return this.#status.status;
  }

  /** The state for a person who looks: with what a command has just done, such as a backup. */
  async statusForReader(): Promise<Status> {
    if (await this.#sections.refreshForReader()) this.#status = undefined;
    return this.status();
  }

  #makeStatus(now: number): Status {
    const { version, stores, targets, metrics } = this.#options;
    const firing = this.#alerts.firing;
    const objectives = this.#evaluate().map((evaluation) => {
      const goodSince = this.#checks.goodSince(objectiveKey(evaluation.name));
      return toObjective(evaluation, firing, targets, { now, goodSince });
    });
    const sections = this.#sections.current;
    const summary = summarize({
      objectives,
      stores: stores.list().map((store) => ({ ...store, failingSince: stores.failingSince(store.name) })),
      sections,
      reading: stores.reading,
      isUnanswered: stores.isUnanswered,
      stateFault: this.#stateFault,
      alerts: firing,
      now,
    });
    const measuredSince = this.#timeline.measuredSince(now);
    if (summary.condition === "bad" || summary.condition === "warning") this.#troubledAt = now;
    const goodSince = Math.max(measuredSince ?? now, this.#troubledAt ?? 0);
    return {
      condition: summary.condition,
      sentence: summary.sentence,
      since: isoTime(summary.condition === "good" ? goodSince : summary.since),
      measuredSince: isoTime(measuredSince),
      time: new Date(now).toISOString(),
      version,
      replicas: this.#lastReplicas.serving.length,
      lostReplicas: this.#lastReplicas.lost.map(({ replica, seenAt }) => ({
        replica,
        lastSeen: new Date(seenAt).toISOString(),
      })),
      reading: stores.reading ?? null,
      traffic: trafficOf(this.#timeline, metrics.inFlight, now),
      objectives,
      stores: stores.list(),
      sections,
      alerts: firing.map((alert) => toAlertStatus(alert, objectives)),
    };
  }

  async #prune(): Promise<void> {
    if (this.#now() - this.#prunedAt < 24 * 60 * minuteMs) return;
    try {
      await this.#alerts.prune();
      this.#prunedAt = this.#now();
    } catch (error) {
      this.#options.log.warn({ failure: describeFailure(error) }, "Old alerts were not deleted");
    }
  }

  #exposeTargets(): void {
    const { metrics, targets } = this.#options;
    const { objectiveTarget } = metrics.families;
    objectiveTarget.set({ objective: "average" }, targets.averageMs / 1_000);
    objectiveTarget.set({ objective: "p99" }, targets.p99Ms / 1_000);
    objectiveTarget.set({ objective: "availability" }, targets.availability);
    objectiveTarget.set({ objective: "errors" }, targets.errors);
  }
}

function resultOf(evaluation: Evaluation, cause: string): CheckResult {
  const { name, rule, state, windows, target, budget } = evaluation;
  if (rule === undefined) return state === "met" ? "good" : "unknown";
  return {
    key: objectiveKey(name),
    severity: rule.severity,
    sentence: `${breachSentence(evaluation)}${cause}`,
    evidence: { target, windows, budget: budget ?? null },
  };
}

function logAlert(log: Log, kind: AlertMessage["kind"], { key, severity, sentence, evidence }: Alert): void {
  const fields = { alert: key, severity, kind, evidence };
  if (kind === "recovered") log.warn(fields, `Recovered: ${sentence}`);
  else log.error(fields, `Alert: ${sentence}`);
}
