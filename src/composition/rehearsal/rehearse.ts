import { rmSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { readSettings, type Settings } from "../../config/settings.ts";
import { CutoverOperator, type CutoverOverview } from "../../cutover/operator.ts";
import type { RoutedStore } from "../../cutover/routed-store.ts";
import { FigureRecorder } from "../../cutover/watch/figures.ts";
import { RollbackGuard } from "../../cutover/watch/guard.ts";
import { defaultThresholds } from "../../cutover/watch/thresholds.ts";
import { type Emulator, startEmulator } from "../../embedded/index.ts";
import { CircuitOpenError, UsageError } from "../../foundation/errors.ts";
import { makeTemporaryDirectory } from "../../foundation/temporary-directory.ts";
import type { Stage } from "../../state/cutover/rows.ts";
import type { Incident } from "../../state/incidents.ts";
import { openState } from "../../state/open.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { VectorStore } from "../../store/store.ts";
import { createApplication } from "../application.ts";
import { fitOptions } from "../cutover-guard.ts";
import {
  emulatedFaults,
  expectedRules,
  isFoundAsExpected,
  noFaults,
  type RehearsedFault,
  slowMs,
} from "./faults.ts";
import { conclude, type FaultResult, type RehearsalReport } from "./report.ts";
import { idCount, isOfTraffic, Traffic, type TrafficReport } from "./traffic.ts";

export interface RehearsalOptions {
  /** The store whose records are copied; it is only read. */
  readonly source: VectorStore;
  readonly namespace: string;
  /** Records to copy, at most. */
  readonly records: number;
  readonly faults: readonly RehearsedFault[];
  /** Requests of the client a second. Default 50. */
  readonly rate?: number;
  readonly signal: AbortSignal;
  /** Called with each step, one sentence. */
  readonly onStep: (text: string) => void;
}

const defaultRate = 50;

/** Records of one comparison of the stores: a rehearsal does not wait until samples have gone round. */
const mostSampled = 1_000;

/** Milliseconds that a step may take; holds wait for leases. */
const stepTimeoutMs = 180_000;

/**
 * Rules that a minute of traffic can satisfy; in production the window is longer (thresholds.ts). The copy of the
 * source is in this process and answers many times faster than a served index.
 */
const thresholds = {
  ...defaultThresholds,
  // Below what a slow target adds, and above what a busy machine does.
  fastEnoughMs: 0.7 * slowMs,
  windowMs: 5_000,
  minimumRequests: 10,
  mostLagSeconds: 5,
  soakMs: 0,
};

/**
 * Rehearses a cutover on copies: records of the source go to an embedded index in a temporary directory, a served one
 * plays the cloud, a client reads and writes at 50 requests a second, and the stages are entered one after the other.
 * Then the target fails in several ways, and each time the rules have to roll back. The stores of the settings are
 * only read.
 *
 * @throws {UsageError} if the source holds nothing to copy
 * @throws {CancelledError} when `signal` fires
 */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalReport> {
  const directory = makeTemporaryDirectory("ragfood-rehearsal-");
  const emulator = await startEmulator();
  try {
    return await new Rehearsal(options, settingsFor(directory, emulator), emulator).run();
  } finally {
    await emulator.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function settingsFor(directory: string, { url, token }: Emulator): Settings {
  return readSettings({
    STORE: "embedded",
    RAGFOOD_DIR: directory,
    UPSTASH_VECTOR_REST_URL: url,
    UPSTASH_VECTOR_REST_TOKEN: token,
    CUTOVER_TO: "upstash",
    // A slow target is slow, and its writes do not fail.
    CUTOVER_CALL_TIMEOUT_MS: `${1.5 * slowMs}`,
    // The index is on this machine: leases of 4.5 s are long enough.
    CUTOVER_ABANDONED_MS: "500",
    CUTOVER_SPARE_MS: "2000",
    CUTOVER_READ_TIMEOUT_MS: "2000",
    CUTOVER_SHADOW_PERCENT: "100",
    GENERATOR: "extractive",
  });
}

class Rehearsal {
  readonly #options: RehearsalOptions;
  readonly #settings: Settings;
  readonly #emulator: Emulator;
  readonly #figures = new FigureRecorder();
  readonly #incidents: Incident[] = [];
  #broken: readonly string[] = [];
  /** When the rules last rolled back, on the monotonic clock. */
  #rolledBackAt = 0;

  constructor(options: RehearsalOptions, settings: Settings, emulator: Emulator) {
    this.#options = options;
    this.#settings = settings;
    this.#emulator = emulator;
  }

  async run(): Promise<RehearsalReport> {
    const application = createApplication(this.#settings, {
      onCutoverRead: this.#figures.onRead,
      onCutoverWrite: this.#figures.onWrite,
      onShadowComparison: this.#figures.onComparison,
    });
    const state = await openState(this.#settings);
    const routed = application.routed as RoutedStore;
    const { protocol } = routed.runtime.parts;
    const pair = "main";
    const names = { source: "embedded", target: "upstash" };
    const operator = new CutoverOperator({
      protocol,
      state,
      pair,
      thresholds,
      names,
      stores: () => routed.stores,
      fit: fitOptions(this.#settings),
    });
    const guard = new RollbackGuard({
      protocol,
      state,
      pair,
      names,
      process: "rehearsal",
      stores: routed.stores,
      figures: this.#figures,
      thresholds,
      rollsBack: true,
      intervalMs: 500,
      sampleEveryMs: 2_000,
      sampleSize: this.#sampleSize,
      onRollback: (rules) => {
        this.#broken = rules.map(({ name }) => name);
        this.#rolledBackAt = performance.now();
        this.#step(`A rule is broken: ${rules.map(({ sentence }) => sentence).join("; ")}.`);
      },
      onSettled: (incident) => this.#incidents.push(incident),
    });
    let traffic: Traffic | undefined;
    try {
      const questions = await this.#copy(routed);
      traffic = new Traffic(routed, questions, this.#options.rate ?? defaultRate);
      traffic.start();
      guard.start();
      await operator.start(author);
      const faults: FaultResult[] = [];
      for (const fault of this.#options.faults) {
        await this.#reachTarget(operator);
        faults.push(await this.#suffer(fault, operator, routed, traffic));
      }
      await this.#reachTarget(operator);
      const report = await traffic.stop();
      const lost = await this.#missing(report, operator, routed);
      return conclude(questions.length, faults, report, lost);
    } finally {
      await traffic?.stop();
      await guard.stop();
      await application.close();
      await state.close();
    }
  }

  get #sampleSize(): number {
    return Math.min(this.#options.records + idCount, mostSampled);
  }

  /** @returns the beginnings of the texts, as questions */
  async #copy(target: VectorStore): Promise<string[]> {
    const { source, namespace, records, signal } = this.#options;
    const questions: string[] = [];
    for await (const page of source.range({ namespace, pageSize: 500, signal })) {
      const documents = page.slice(0, records - questions.length).flatMap(toDocument);
      await target.upsert(documents, { signal });
      questions.push(...documents.map(({ text }) => text.split(/\s+/).slice(0, 6).join(" ")));
      if (questions.length >= records) break;
    }
    if (questions.length === 0) {
      throw new UsageError(
        "The store of the settings holds no record with a text, so nothing can be rehearsed.",
        {
          hint: "Fill it first: ragfood ingest",
        },
      );
    }
    this.#step(
      `${questions.length} records are copied; a client reads and writes ${this.#options.rate ?? defaultRate} times a second.`,
    );
    return questions;
  }

  async #reachTarget(operator: CutoverOperator): Promise<void> {
    let stage: Stage | undefined;
    let closed: readonly string[] = [];
    const missing = () =>
      `the stage target, from ${stage}; gates that are closed: ${closed.join("; ") || "none"}`;
    await this.#until(missing, async () => {
      const { control, gates } = await operator.overview();
      if (control.stage !== stage) {
        stage = control.stage;
        this.#step(`Stage ${stage}, ${control.leader} leads.`);
      }
      if (control.stage === "target" && !control.hold) return true;
      if (control.hold) return false;
      if (control.stage === "source") {
        const refusal = await refusalOf(operator.start(author));
        closed = refusal === undefined ? [] : [refusal];
        return false;
      }
      if (gates.every(({ isOpen }) => isOpen)) {
        // In canary a share would change the share and not the stage.
        await operator.advance(author, control.stage === "shadow-read" ? { canaryPercent: 50 } : {});
      }
      closed = gates.filter(({ isOpen }) => !isOpen).map(({ wants, has }) => `${wants} (found: ${has})`);
      return false;
    });
    // The rules need figures of the target before it fails.
    await this.#until("rules that hold", async () =>
      (await operator.overview()).rules.every(({ state }) => state === "holds"),
    );
  }

  async #suffer(
    fault: RehearsedFault,
    operator: CutoverOperator,
    { stores }: RoutedStore,
    traffic: Traffic,
  ): Promise<FaultResult> {
    this.#broken = [];
    const settled = this.#incidents.length;
    const expected = expectedRules[fault];
    this.#step(`The target turns ${fault}. Expected: ${expected.join(" or ")}.`);
    const started = performance.now();
    await this.#cause(fault, stores.target);
    let readsBack: number | undefined;
    const since = () => (performance.now() - started) / 1_000;
    await this.#until(`the rollback from a target that is ${fault}`, async () => {
      const { control } = await operator.overview();
      const isBack = control.stage === "source" || control.hold?.to === "source";
      if (isBack) readsBack ??= since();
      return control.stage === "source" && !control.hold;
    });
    const leads = since();
    // The stage says where reads should go, and the client where they went.
    const lastRead = traffic.lastReadOf(stores.target.name) ?? 0;
    this.#emulator.setFaults(noFaults);
    await this.#until("the report of the incident", async () => this.#incidents.length > settled);
    const result = {
      fault,
      expectedRules: expected,
      rules: this.#broken,
      isFoundAsExpected: isFoundAsExpected(fault, this.#broken),
      readsBackSeconds: Math.max(readsBack ?? leads, (lastRead - started) / 1_000),
      readsSwitchSeconds: Math.max(0, lastRead - this.#rolledBackAt) / 1_000,
      leadsSeconds: leads,
      report: this.#incidents.at(-1)?.report ?? "",
    };
    this.#step(
      `Rolled back by ${result.rules.join(", ")}: reads on the source after ${result.readsBackSeconds.toFixed(1)} s, ${result.readsSwitchSeconds.toFixed(1)} s after the rule; it leads after ${leads.toFixed(1)} s.${result.isFoundAsExpected ? "" : " Another rule was expected."}`,
    );
    return result;
  }

  async #cause(fault: RehearsedFault, target: VectorStore): Promise<void> {
    this.#emulator.setFaults(emulatedFaults[fault]);
    if (fault !== "wrong") return;
    // One record of each sample. A record of the client would be right again after its next write.
    for await (const records of target.range({ pageSize: this.#sampleSize })) {
      const record = records.find(({ id }) => !isOfTraffic(id));
      if (record) await target.upsert([{ id: record.id, text: "altered behind the cutover", metadata: {} }]);
    }
  }

  /** Acknowledged writes that a store lacks once no write is on its way. */
  async #missing(
    { acknowledged, uncertain }: TrafficReport,
    operator: CutoverOperator,
    { stores }: RoutedStore,
  ): Promise<number> {
    this.#step("The client stops; the outbox is drained.");
    await this.#until("an empty outbox", async () => isQuiet(await operator.overview()));
    const ids = [...acknowledged.keys()].filter((id) => !uncertain.has(id));
    const found = await Promise.all([stores.source.fetch(ids), stores.target.fetch(ids)]);
    return ids.filter((id, place) => found.some((records) => records[place]?.text !== acknowledged.get(id)))
      .length;
  }

  async #until(what: string | (() => string), isReached: () => Promise<boolean>): Promise<void> {
    const { signal } = this.#options;
    const end = performance.now() + stepTimeoutMs;
    while (!(await isReached())) {
      signal.throwIfAborted();
      if (performance.now() > end)
        throw new Error(
          `The rehearsal waited ${stepTimeoutMs / 1_000} s for ${typeof what === "string" ? what : what()}.`,
        );
      await wait(100, undefined, { signal });
    }
  }

  #step(text: string): void {
    this.#options.onStep(text);
  }
}

const author = { who: "rehearsal" };

function toDocument({ id, text, metadata }: StoreRecord) {
  return text === undefined || text.trim() === "" ? [] : [{ id, text, metadata: metadata ?? {} }];
}

function isQuiet({ marks, control }: CutoverOverview): boolean {
  return marks.open + marks.settled + marks.queued === 0 && !control.hold;
}

/** Why a target that has just failed does not answer yet: its circuit breaker is open for some seconds. */
async function refusalOf(starting: Promise<unknown>): Promise<string | undefined> {
  try {
    await starting;
    return undefined;
  } catch (error) {
    if (error instanceof CircuitOpenError) return error.message;
    throw error;
  }
}
