import type { Environment } from "../config/environment.ts";
import type { Settings } from "../config/settings.ts";
import { describeFailure } from "../foundation/describe-failure.ts";
import { UsageError } from "../foundation/errors.ts";
import { budgetCheck, costWatch } from "../operations/cost/cost-watch.ts";
import { driftCheck } from "../operations/drift/drift-check.ts";
import { withDrift } from "../operations/drift/drift-in-section.ts";
import { feedbackSection } from "../operations/feedback/feedback-section.ts";
import type { Log } from "../operations/logs/log.ts";
import { openTelemetryTracing } from "../operations/tracing/open-telemetry.ts";
import { PageFiles } from "../pages/page-files.ts";
import { Access, isLoopbackHost } from "../server/access.ts";
import { createServer } from "../server/app.ts";
import type { ServerApp } from "../server/environment.ts";
import { CachedKeys } from "../server/key-verifier.ts";
import type { ServerParts } from "../server/parts.ts";
import { RecentAnswers } from "../server/recent-answers.ts";
import { readQueueDepths } from "../state/cutover/queue-depths.ts";
import type { StateDatabase } from "../state/database.ts";
import { DriftRepository } from "../state/drift.ts";
import { FeedbackRepository } from "../state/feedback.ts";
import { type ApiKey, KeyRepository } from "../state/keys.ts";
import { hasState, openState } from "../state/open.ts";
import { type Application, createApplication } from "./application.ts";
import { watchCopy } from "./copy-watch.ts";
import { openCostControl } from "./cost-control.ts";
import { cutoverFigures, watchCutover } from "./cutover-guard.ts";
import { embedderOf } from "./embedders.ts";
import { RefusalLog } from "./refusal-log.ts";
import { createSchedules } from "./schedules/schedules.ts";
import { type LogOutput, openServiceLog } from "./service-log.ts";
import { createMeasuring, createWatch, requestObservers } from "./watch.ts";

/** An application behind an HTTP API, with what it keeps. */
export interface Service {
  /** The API without a socket. */
  readonly app: ServerApp;
  readonly application: Application;
  readonly state: StateDatabase;
  readonly log: Log;
  /** Whether programs of this machine need no key. */
  readonly isOpenToLocal: boolean;
  /** `json`: the standard output holds nothing but lines of the log. */
  readonly logFormat: "json" | "text";
  /** From now on the service reports that it is not ready, so that a load balancer sends it nothing more. */
  beginStop(): void;
  close(): Promise<void>;
}

export interface ServiceOptions {
  /** Of the package. */
  readonly version: string;
  /** The address that the service will listen on. */
  readonly host: string;
  /** Where the log goes. */
  readonly output: LogOutput;
  /** Where the settings come from: backups keep it without its secrets. */
  readonly environment: Environment;
}

/**
 * Opens the service that the settings describe.
 *
 * @throws {UsageError} if it would listen for other machines and there is no key
 * @throws {UsageError} if the webhook of the settings is not safe to send to
 * @throws {UsageError} for a schedule that is not a cron expression, or a key file that cannot be read
 * @throws {SettingsError} if the log file cannot be opened
 * @throws {StateError} if the state cannot be opened
 * @throws {StorageError} if the embedded index cannot be opened, or the pages are not built
 * @throws {IndexMismatchError} if it was created with other settings
 */
export async function openService(settings: Settings, options: ServiceOptions): Promise<Service> {
  const { version, host, output, environment } = options;
  // Without a state there is no key; a refusal must not make one.
  if (!hasState(settings)) requireKeyForOthers([], host);
  const pages = new PageFiles({ ask: "/ask", dashboard: "/dashboard", data: "/data", missing: "/missing" });
  let opened: Log | undefined;
  const measuring = createMeasuring(settings, version, (isFailing, sentence) =>
    opened?.[isFailing ? "warn" : "info"]({}, sentence),
  );
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const serviceLog = await openServiceLog(settings.log, output, measuring.metrics);
    const { log, format } = serviceLog;
    opened = log;
    closing.push(() => serviceLog.close());
    const refusals = new RefusalLog(log);
    closing.push(async () => refusals.close());
    const state = await openState(settings);
    closing.push(() => state.close());
    measuring.metrics.watchQueues(async () => ({ ...(await readQueueDepths(state)) }));
    const keys = new KeyRepository(state);
    requireKeyForOthers(await keys.list(), host);
    const tracing = settings.tracing === "opentelemetry" ? await openTelemetryTracing() : undefined;
    const costs = openCostControl(settings, {
      state,
      onCostFault: (error) =>
        log.warn(
          { failure: describeFailure(error) },
          "Billed requests were not stored or read; requests go on",
        ),
    });
    closing.push(() => costs.close());
    const cutoverReads = cutoverFigures(log);
    const application = createApplication(settings, {
      ...measuring.observers,
      ...cutoverReads.observers,
      ...(tracing && { startSpan: tracing.startSpan }),
      hidesFaults: true,
      costs,
      onTransportEvent: (event, store) => {
        measuring.observers.onTransportEvent?.(event, store);
        if (event.type === "token-accepted")
          log.info({ store, access: event.access }, `${store} accepts the new token`);
      },
      onCredentialsChange: () => log.info({}, "New tokens were read from .env"),
      onCredentialsFault: ({ faults }) =>
        log.warn({ faults }, "The changed .env cannot be used, and the earlier tokens stay in use"),
    });
    closing.push(async () => measuring.indexFile?.close());
    closing.push(() => application.close());
    const schedules = createSchedules({
      settings,
      environment,
      state,
      primary: application.primary,
      routed: application.routed,
      log,
      version,
    });
    const cutover = watchCutover({
      application,
      state,
      figures: cutoverReads.figures,
      health: measuring.stores,
      log,
    });
    const copy = watchCopy({
      application,
      state,
      figures: cutoverReads.figures,
      health: measuring.stores,
      log,
    });
    const drift = new DriftRepository(state);
    const integrity = withDrift(schedules.sections.integrity, drift);
    const feedback = new FeedbackRepository(state, { retentionDays: settings.feedbackDays });
    const watch = createWatch(settings, measuring, {
      state,
      version,
      log,
      sections: {
        ...schedules.sections,
        integrity: copy ? copy.inSection(integrity) : integrity,
        cost: costWatch(costs, settings.upstash && (() => application.primary.info())),
        feedback: () => feedbackSection(feedback),
        model: () => measuring.model.section(),
        ...(cutover && { cutover: cutover.section }),
      },
      checks: [
        serviceLog.check,
        ...schedules.checks,
        budgetCheck(costs),
        driftCheck(drift),
        measuring.model.check,
        ...(cutover ? [cutover.check] : []),
        ...(copy ? [copy.check] : []),
      ],
    });
    closing.push(() => watch.close());
    await watch.start();
    if (cutover) {
      closing.push(() => cutover.stop());
      cutover.start();
    }
    if (copy) {
      closing.push(() => copy.stop());
      copy.start();
    }
    closing.push(() => schedules.runner.stop());
    schedules.runner.start();
    let isStopping = false;
    return {
      app: createApp(application, keys, options, {
        pages,
        watch,
        ...(cutover && { cutover: cutover.operator }),
        feedback,
        ...requestObservers(measuring.metrics, log, refusals),
        ...(tracing && { traceRequest: tracing.traceRequest }),
        obstacles: () => (isStopping ? ["The service is stopping."] : []),
      }),
      application,
      state,
      log,
      isOpenToLocal: new Access({ ...settings.serve, host }).isOpenToLocal,
      logFormat: format,
      beginStop: () => {
        isStopping = true;
        watch.beginStop();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function createApp(
  { engine, store, sides, settings }: Application,
  keys: KeyRepository,
  { version, host }: ServiceOptions,
  observed: Pick<
    ServerParts,
    | "pages"
    | "cutover"
    | "watch"
    | "feedback"
    | "onArrival"
    | "onRequest"
    | "onAnswer"
    | "traceRequest"
    | "obstacles"
  >,
): ServerApp {
  const { concurrency, bodyBytes, answerMs, ...access } = settings.serve;
  const embedder = embedderOf(settings);
  return createServer({
    version,
    engine,
    store,
    sides,
    namespace: settings.namespace,
    template: settings.template,
    limits: { inFlight: concurrency, waitMs: longestWaitMs, bodyBytes, answerMs },
    access: { ...access, host, keys: new CachedKeys(keys) },
    ...(embedder && { embedder }),
    recentAnswers: new RecentAnswers(),
    ...observed,
  });
}

/** Milliseconds that the first request in line may have waited when a new one is admitted. */
const longestWaitMs = 1_000;

/** @throws {UsageError} */
function requireKeyForOthers(keys: readonly ApiKey[], host: string): void {
  if (isLoopbackHost(host) || keys.some(({ revokedAt }) => revokedAt === undefined)) return;
  throw new UsageError(
    `On ${host} other machines can reach the service: they need a key, and no key exists.`,
    {
      hint: 'Create one: ragfood keys create "my app" --scope read. Or listen on 127.0.0.1 only.',
    },
  );
}
