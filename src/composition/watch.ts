import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { defaultOllamaHost } from "../config/groups/models.ts";
import type { Settings } from "../config/settings.ts";
import { dutiesOf, type StoreDuty } from "../cutover/duties.ts";
import { damagedHint, indexFile, verifyFileAside } from "../embedded/index.ts";
import { Webhook } from "../operations/alerts/webhook.ts";
import type { Log } from "../operations/logs/log.ts";
import { Metrics } from "../operations/metrics/metrics.ts";
import { outcomeOf } from "../operations/metrics/reports.ts";
import { IndexFileHealth } from "../operations/status/index-file-health.ts";
import { ModelHealth } from "../operations/status/model-health.ts";
import type { SectionName } from "../operations/status/status.ts";
import { type StoreDuties, StoreHealth } from "../operations/status/store-health.ts";
import type { Check } from "../operations/watch/checks.ts";
import type { SectionProvider } from "../operations/watch/sections.ts";
import { Watch } from "../operations/watch/watch.ts";
import type { RequestEntry, ServerParts } from "../server/parts.ts";
import { type Control, initialControl, type Side } from "../state/cutover/rows.ts";
import type { StateDatabase } from "../state/database.ts";
import type { ApplicationObservers } from "./observers.ts";
import type { RefusalLog } from "./refusal-log.ts";
import { logRequest } from "./request-log.ts";

/** What measures a service: it exists before the stores that it observes. */
export interface Measuring {
  readonly metrics: Metrics;
  readonly stores: StoreHealth;
  readonly model: ModelHealth;
  readonly observers: ApplicationObservers;
  /** Without an embedded index `undefined`. */
  readonly indexFile: IndexFileHealth | undefined;
}

/** Called for each change between a part that fails and one that works, with a sentence for the log. */
export type OnHealthChange = (isFailing: boolean, sentence: string) => void;

export function createMeasuring(settings: Settings, version: string, onChange?: OnHealthChange): Measuring {
  const metrics = new Metrics({ version, slowAfterMs: settings.objectives.p99Ms });
  metrics.families.addProcess();
  const duties = storeDuties(settings);
  const overHttp = [...duties.keys()].filter((name) => name.startsWith("upstash"));
  const stores = new StoreHealth(duties, overHttp);
  const model = new ModelHealth({
    isExpected: settings.generator !== "auto" || settings.ollamaHost !== defaultOllamaHost,
    isUsed: settings.generator !== "extractive",
    isReplaced: settings.generator === "auto",
    ...(onChange && { onChange }),
  });
  const indexFile = watchIndexFile(settings, stores, onChange);
  return {
    metrics,
    stores,
    model,
    indexFile,
    observers: {
      onModel: (report) => {
        metrics.recordModel(report);
        model.record(report);
      },
      onOperation: (report) => {
        metrics.recordOperation(report);
        stores.recordOperation(report);
        indexFile?.recordOperation(report);
      },
      onTransportEvent: (event, store) => {
        metrics.recordTransportEvent(event, store);
        stores.recordTransportEvent(event, store);
      },
      onFallback: ({ store }) => {
        metrics.recordFallback(store);
        stores.recordFallback(store);
      },
      onQuestion: (outcome) => stores.recordQuestion(outcome),
      onTruncate: (count) => metrics.recordTruncations(count),
    },
  };
}

/** The file of the embedded index that these settings use, as first or second store. */
function watchIndexFile(
  settings: Settings,
  stores: StoreHealth,
  onChange?: OnHealthChange,
): IndexFileHealth | undefined {
  if (settings.store !== "embedded" && settings.fallback?.store !== "embedded") return undefined;
  const path = indexFile(settings.directory);
  const store = "embedded";
  return new IndexFileHealth({
    store,
    verify: () => verifyFileAside(path),
    onChange: (fault) => {
      stores.recordFile(store, fault?.since);
      if (fault === undefined) onChange?.(false, `The index at ${path} is whole again`);
      else onChange?.(true, `The index at ${path} is damaged: ${fault.problem}. ${damagedHint}`);
    },
  });
}

/** The names under which the stores report, with what they are there for before any cutover. */
function storeDuties({ store, fallback, cutover }: Settings): StoreDuties {
  if (cutover !== undefined) return cutoverDuties(initialControl, { source: store, target: cutover.target });
  const duties = new Map<string, StoreDuty>([
    [store, { role: "primary", duty: "answers every question and takes every write" }],
  ]);
  if (fallback !== undefined) {
    const copies = fallback.copiesWrites ? ", and receives a copy of each write" : "";
    duties.set(fallback.store === "upstash" ? "upstash-secondary" : fallback.store, {
      role: "secondary",
      duty: `answers if ${store} fails${copies}`,
    });
  }
  return duties;
}

/** The duties of both stores of a cutover, by their names. */
export function cutoverDuties(control: Control, names: Readonly<Record<Side, string>>): StoreDuties {
  const { source, target } = dutiesOf(control);
  return new Map([
    [names.source, source],
    [names.target, target],
  ]);
}

export interface WatchParts {
  readonly state: StateDatabase;
  readonly version: string;
  readonly log: Log;
  /** What other parts add to the status. */
  readonly sections?: Readonly<Partial<Record<SectionName, SectionProvider>>>;
  /** Conditions of other parts that raise alerts. */
  readonly checks?: readonly Check[];
}

/** @throws {UsageError} if the webhook of the settings is not safe to send to */
export function createWatch(settings: Settings, { metrics, stores }: Measuring, parts: WatchParts): Watch {
  const { alertWebhook, serviceName, objectives, metricRetentionDays } = settings;
  return new Watch({
    ...parts,
    metrics,
    stores,
    targets: objectives,
    replica: `${hostname()}-${process.pid}-${randomBytes(3).toString("hex")}`,
    retentionDays: metricRetentionDays,
    ...(alertWebhook && { webhook: new Webhook({ ...alertWebhook, service: serviceName }) }),
  });
}

/** What the server reports, recorded and logged. */
export function requestObservers(
  metrics: Metrics,
  log: Log,
  refusals: RefusalLog,
): Pick<ServerParts, "onArrival" | "onRequest" | "onAnswer"> {
  return {
    onArrival: () => metrics.requestStarted(),
    onRequest: (entry) => {
      const report = toReport(entry);
      metrics.recordRequest(report);
      logRequest(log, refusals, entry, outcomeOf(report));
    },
    onAnswer: (answer) => metrics.recordAnswer(answer),
  };
}

/** Refusals under overload and during a stop are not failures of the service's work. */
const refusals = new Set(["overloaded", "not-ready", "too-many-clients"]);

function toReport(entry: RequestEntry): Parameters<Metrics["recordRequest"]>[0] {
  const { method, route, status, milliseconds, firstTextMs, code, hasLeft, error } = entry;
  const hasFailed = error !== undefined || status >= 500;
  const outcome = hasLeft
    ? "abandoned"
    : refusals.has(code ?? "")
      ? "refused"
      : hasFailed
        ? "failed"
        : undefined;
  return {
    method,
    route,
    status,
    milliseconds,
    ...(firstTextMs !== undefined && { firstTextMs }),
    ...(code !== undefined && { error: code }),
    ...(outcome !== undefined && { outcome }),
  };
}
