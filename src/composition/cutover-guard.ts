import { randomUUID } from "node:crypto";
import { shippedFoods } from "../config/groups/project.ts";
import type { Settings } from "../config/settings.ts";
import { answersFrom } from "../cutover/duties.ts";
import { type CutoverNews, cutoverAlert, cutoverNews } from "../cutover/news.ts";
import { CutoverOperator, type CutoverOverview, type OperatorOptions } from "../cutover/operator.ts";
import { examinePair, type FitOptions, type PairFit } from "../cutover/pair-fit.ts";
import type { RoutedStore } from "../cutover/routed-store.ts";
import { sectionDetailsOf } from "../cutover/section-details.ts";
import { stateProtocol } from "../cutover/state-protocol.ts";
import { FigureRecorder } from "../cutover/watch/figures.ts";
import { RollbackGuard } from "../cutover/watch/guard.ts";
import type { Validation } from "../cutover/watch/incident-report.ts";
import { type LostRecords, lostHint, lostWords } from "../cutover/watch/lost-records.ts";
import { readGoldenQueries } from "../evaluation/index.ts";
import { counted } from "../foundation/plural.ts";
import type { Log } from "../operations/logs/log.ts";
import type { StatusSection } from "../operations/status/status.ts";
import type { StoreHealth } from "../operations/status/store-health.ts";
import type { Check } from "../operations/watch/checks.ts";
import { initialControl } from "../state/cutover/rows.ts";
import type { StateDatabase } from "../state/database.ts";
import { openState } from "../state/open.ts";
import { type Application, createApplication } from "./application.ts";
import { type CutoverObservers, cutoverTiming } from "./cutover.ts";
import { embedderOf } from "./embedders.ts";
import { shippedQueries } from "./report.ts";
import { cutoverDuties } from "./watch.ts";

/** The rows of the cutover in the state store. */
const pair = "main";

/** Milliseconds in which the same fault is logged once: workers try again several times a second. */
const sameFaultMs = 600_000;

/** Faults that are kept apart; a message may name anything. */
const mostFaults = 100;

/** Of a cutover, and of the copies for a second store (`FALLBACK_WRITES=copy`). */
function logFaults(log: Log): (error: Error) => void {
  const loggedAt = new Map<string, number>();
  return ({ message }) => {
    const now = performance.now();
    // A message that counts down seconds is the same fault.
    const fault = message.replace(/\d+/g, "0");
    if (now - (loggedAt.get(fault) ?? Number.NEGATIVE_INFINITY) < sameFaultMs) return;
    if (loggedAt.size >= mostFaults) loggedAt.clear();
    loggedAt.set(fault, now);
    log.warn({ failure: message }, "Copying writes between the two stores failed, and is tried again");
  };
}

/** Figures of a cutover, to be given to the application before it is made. */
export function cutoverFigures(log: Log): { figures: FigureRecorder; observers: CutoverObservers } {
  const figures = new FigureRecorder();
  return {
    figures,
    observers: {
      onCutoverRead: figures.onRead,
      onCutoverWrite: figures.onWrite,
      onShadowComparison: figures.onComparison,
      onCutoverFault: logFaults(log),
    },
  };
}

type OwnParts = Pick<OperatorOptions, "protocol" | "state" | "stores">;

/** What can be done with the cutover of these settings. */
function createOperator(
  settings: Settings,
  cutover: NonNullable<Settings["cutover"]>,
  parts: OwnParts,
): CutoverOperator {
  return new CutoverOperator({
    ...parts,
    pair,
    thresholds: cutover.thresholds,
    names: { source: settings.store, target: cutover.target },
    fit: fitOptions(settings),
  });
}

/** How the pair of these settings is set up. */
export function fitOptions(settings: Settings): FitOptions {
  return { copy: settings.cutover?.copy ?? "vectors", targetEmbeds: embedderOf(settings) === undefined };
}

/**
 * The operator of the cutover that the settings name, for a command.
 * @throws {StateError}
 */
export async function openOperator(
  settings: Settings,
  cutover: NonNullable<Settings["cutover"]>,
): Promise<{ operator: CutoverOperator; close: () => Promise<void> }> {
  const state = await openState(settings);
  const protocol = stateProtocol({ open: async () => state, pair, timing: cutoverTiming(cutover) });
  let application: Application | undefined;
  const stores = () => {
    application ??= createApplication(settings);
    return (application.routed as RoutedStore).stores;
  };
  return {
    operator: createOperator(settings, cutover, { protocol, state, stores }),
    close: async () => {
      await application?.close();
      await state.close();
    },
  };
}

/**
 * Whether the stores that the settings name fit together; `undefined` without a cutover. They are only read.
 * @throws {ServiceError | StorageError} if a store does not answer
 */
export async function examineCutover(settings: Settings, signal: AbortSignal): Promise<PairFit | undefined> {
  if (settings.cutover === undefined) return undefined;
  const application = createApplication(settings);
  try {
    const { stores } = application.routed as RoutedStore;
    return await examinePair(stores, { ...fitOptions(settings), signal });
  } finally {
    await application.close();
  }
}

/** What watches the cutover of a service, and what its status and alerts say of it. */
export interface CutoverWatch {
  readonly operator: CutoverOperator;
  readonly section: () => Promise<StatusSection>;
  readonly check: Check;
  start(): void;
  stop(): Promise<void>;
}

export interface CutoverWatchOptions {
  readonly application: Application;
  readonly state: StateDatabase;
  readonly figures: FigureRecorder;
  /** Follows who leads. */
  readonly health: StoreHealth;
  readonly log: Log;
}

/** Watches the cutover, if the settings name one. */
export function watchCutover(options: CutoverWatchOptions): CutoverWatch | undefined {
  const { application, state, figures, health, log } = options;
  const { settings, routed } = application;
  const { cutover } = settings;
  if (routed === undefined || cutover === undefined) return undefined;
  const { parts, presence } = routed.runtime;
  const { protocol } = parts;
  const names = { source: settings.store, target: cutover.target };
  health.follow(() => cutoverDuties(presence.view?.control ?? initialControl, names));
  let lost: LostRecords | undefined;
  const guard = new RollbackGuard({
    protocol,
    state,
    pair,
    names,
    process: randomUUID(),
    stores: routed.stores,
    comparesVectors: cutover.copy === "vectors",
    figures,
    thresholds: cutover.thresholds,
    rollsBack: cutover.rollsBack,
    intervalMs: cutover.lookMs,
    sampleEveryMs: cutover.sampleEveryMs,
    validate: () => askKnownQuestions(application),
    targetFault: () => health.faultOf(names.target),
    onRollback: (broken) => {
      const why = broken.map(({ sentence }) => sentence).join("; ");
      log.error({ rules: broken }, `The cutover rolls back: ${why}`);
    },
    onSettled: ({ id, title }) => log.warn({ incident: id }, title),
    onLoss: (found) => {
      if (found && lost === undefined) log.error({ lost: found }, `${lostWords(found)}. ${lostHint(found)}`);
      lost = found;
    },
    onFault: (error) => log.warn({ failure: error.message }, "The cutover could not be watched"),
  });
  const operator = createOperator(settings, cutover, { protocol, state, stores: () => routed.stores });
  let brokenSince: number | undefined;
  const section = (overview: CutoverOverview) => {
    const news = cutoverNews(overview, cutover.rollsBack);
    brokenSince = news?.kind === "rule-broken" ? (brokenSince ?? overview.at) : undefined;
    return sectionOf(overview, news, news?.since ?? brokenSince);
  };
  return {
    operator,
    section: async () => {
      // Before its first read this process does not know the stage yet.
      await routed.runtime.view();
      return section(await operator.overview());
    },
    check: {
      key: "cutover:rollback",
      run: async () => {
        const alert = cutoverAlert(await operator.overview());
        return alert ? { key: "cutover:rollback", severity: "page", ...alert } : "good";
      },
    },
    start: () => guard.start(),
    stop: async () => {
      await Promise.all([guard.stop(), operator.stop()]);
    },
  };
}

/** Golden queries that are asked after a rollback: enough to see that the source answers, in about a second. */
const validationQueries = 40;

/** Asks known questions of the shipped foods; `undefined` if the data are others. */
async function askKnownQuestions({ settings, engine }: Application): Promise<Validation | undefined> {
  if (settings.dataFile !== shippedFoods) return undefined;
  const queries = (await readGoldenQueries(shippedQueries)).slice(0, validationQueries);
  let passed = 0;
  for (const { text, judgements } of queries) {
    const found = await engine.retrieve(text, { topK: 10 });
    if (found.some(({ id }) => (judgements.get(id) ?? 0) > 0)) passed++;
  }
  return { passed, asked: queries.length };
}

function sectionOf(
  overview: CutoverOverview,
  news: CutoverNews | undefined,
  since: number | undefined,
): StatusSection {
  const { control, at, gates, names, next } = overview;
  const closed = gates.filter(({ isOpen }) => !isOpen).length;
  const ahead = next === undefined ? "" : `, ${counted(closed, "gate")} closed before ${next}`;
  const stage = `Stage ${control.stage}. ${answersFrom(control, names)}`;
  const isBroken = news?.kind === "rule-broken";
  const isUndecided = news?.kind === "rolled-back" && news.isAutomatic;
  return {
    condition: isBroken ? "bad" : control.hold || isUndecided ? "warning" : "good",
    sentence: news === undefined ? `${stage}${ahead}` : `${news.sentence}. ${stage}`,
    ...(since !== undefined && { since: new Date(since).toISOString() }),
    time: new Date(at).toISOString(),
    isStale: false,
    details: sectionDetailsOf(overview),
  };
}
