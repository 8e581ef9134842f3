import { randomUUID } from "node:crypto";
import { UsageError } from "../foundation/errors.ts";
import type { HistoryEntry, Side, Stage } from "../state/cutover/rows.ts";
import type { VerificationProgress } from "../state/cutover/verification.ts";
import type { StateDatabase } from "../state/database.ts";
import type { VectorStore } from "../store/store.ts";
import { laterChanges } from "./history-text.ts";
import { examinePair, type FitOptions, type PairFit, requireFitting } from "./pair-fit.ts";
import {
  type Author,
  type Change,
  cancelHold,
  changeStage,
  type Missing,
  missingForEvent,
  setCanary,
} from "./rules/change.ts";
import type { Protocol } from "./rules/protocol.ts";
import { type CutoverStatus, cutoverHistory, cutoverStatus } from "./status.ts";
import { transitions } from "./transitions.ts";
import { BackgroundVerification } from "./watch/background-verification.ts";
import { type Evidence, EvidenceStore, type Pause } from "./watch/evidence-store.ts";
import { type Gate, gatesOf, nextStage, stepsOf } from "./watch/gates.ts";
import { hasOutgrown } from "./watch/integrity.ts";
import { judgeCutover } from "./watch/judge.ts";
import { rollBack } from "./watch/roll-back.ts";
import type { RuleResult } from "./watch/rules.ts";
import type { CutoverThresholds } from "./watch/thresholds.ts";

export interface OperatorOptions {
  readonly protocol: Protocol;
  readonly state: StateDatabase;
  readonly pair: string;
  readonly thresholds: CutoverThresholds;
  /** What the two stores are called. */
  readonly names: Readonly<Record<Side, string>>;
  /** Opened when an action asks what they hold. */
  readonly stores: () => Readonly<Record<Side, VectorStore>>;
  /** How the pair is set up. */
  readonly fit: FitOptions;
}

/** Everything that an operator has to know of a cutover, as of one moment. */
export interface CutoverOverview extends CutoverStatus {
  readonly names: Readonly<Record<Side, string>>;
  /** When the present stage began, milliseconds since 1970; `undefined` before the first start. */
  readonly since: number | undefined;
  /** The stage that `advance` or `finish` leads to. */
  readonly next: Stage | undefined;
  /** What has to be shown before it. */
  readonly gates: readonly Gate[];
  /** What the protocol lacks for it at this moment: the processes provide it, and `--force` does not skip it. */
  readonly missing: readonly Pick<Missing, "message">[];
  readonly rules: readonly RuleResult[];
  readonly evidence: Evidence;
  readonly pause: Pause | undefined;
  /** The last comparison that a service made on request; `undefined` before the first. */
  readonly verification: VerificationProgress | undefined;
  /** The last 100 changes, newest first. */
  readonly history: readonly HistoryEntry[];
}

/** What an author saw before he decided. */
interface SeenOptions {
  /** Of the cutover that he saw: the change is refused if another one came first. Default: the present one. */
  readonly epoch?: number | undefined;
}

export interface StartOptions extends SeenOptions {
  /** Starts although the target will rank records differently, by another metric. */
  readonly acceptsMetricChange?: boolean;
}

export interface RollbackOptions extends SeenOptions {
  /** Whether its incident waits for a person to close it. Default false. */
  readonly keepsIncidentOpen?: boolean;
}

/** What the history keeps of a start. */
export interface StartEvidence extends Omit<StartOptions, "epoch"> {
  readonly fit: PairFit;
}

export interface AdvanceOptions extends SeenOptions {
  /** Share of the questions in per cent that the target answers in `canary`. Default 5. */
  readonly canaryPercent?: number;
  /** Goes on although gates are closed. It needs a reason, which is kept. */
  readonly isForced?: boolean;
}

/** A change, or what is missing for it. */
export type OperatorChange =
  | { readonly isDone: true }
  | {
      readonly isDone: false;
      readonly missing: readonly Pick<Missing, "message">[];
      /** Whether it needs only what the overview shows: its gates, and what the processes provide. */
      readonly isShown?: true;
    };

const defaultCanaryPercent = 5;

/** Changes in an overview. */
const mostShown = 100;

/** What a person, or a program with an operate key, can do with a cutover. The gates are judged here and only here. */
export class CutoverOperator {
  readonly #options: OperatorOptions;
  readonly #evidence: EvidenceStore;
  readonly #verification: BackgroundVerification;

  constructor(options: OperatorOptions) {
    this.#options = options;
    this.#evidence = new EvidenceStore(options.state, options.pair);
    const { integrityMs } = options.thresholds;
    const comparesVectors = options.fit.copy === "vectors";
    this.#verification = new BackgroundVerification({ ...options, integrityMs, comparesVectors });
  }

  /** @throws {StateError} */
  async overview(): Promise<CutoverOverview> {
    const { protocol, thresholds, names } = this.#options;
    const [{ status, history, evidence, rules }, pause, verification] = await Promise.all([
      judgeCutover(protocol, this.#evidence, thresholds),
      this.#evidence.pause(),
      this.#verification.progress(),
    ]);
    const event = nextEvent[status.control.stage];
    const missing = event === undefined ? [] : await missingForEvent(protocol, event);
    return {
      ...status,
      names,
      since: history.find(({ to, from }) => to === status.control.stage && from !== to)?.at,
      next: nextStage(status.control.stage),
      gates: gatesOf({ status, history, rules, ...evidence }, thresholds),
      missing,
      rules,
      evidence,
      pause,
      verification,
      history: history.slice(0, mostShown),
    };
  }

  /** Newest first. @throws {StateError} */
  history(limit: number): Promise<HistoryEntry[]> {
    return cutoverHistory(this.#options.protocol, limit);
  }

  /**
   * Begins to copy every write, if the records of the source fit into the target. What both stores are is kept in the
   * history.
   *
   * @throws {IndexMismatchError} if they do not fit
   * @throws {ServiceError | StorageError} if a store does not answer
   * @throws {StateError}
   */
  async start(
    author: Author,
    { acceptsMetricChange = false, epoch }: StartOptions = {},
  ): Promise<OperatorChange> {
    const { protocol, stores, fit: options } = this.#options;
    const { control } = await cutoverStatus(protocol);
    const later = await laterChanges(control, epoch, (limit) => this.history(limit));
    if (later !== undefined) return refused(later);
    const transition = transitions[control.stage].start;
    if ("refusal" in transition) return refused(transition.refusal);
    const fit = await examinePair(stores(), options);
    requireFitting(fit, acceptsMetricChange);
    const evidence: StartEvidence = { fit, acceptsMetricChange };
    return this.#change("start", { ...author, evidence: JSON.stringify(evidence) }, control.epoch);
  }

  /**
   * Goes to the next stage if its gates are open; in `canary` with a share, changes the share.
   *
   * @throws {UsageError} if it is forced without a reason, or the share would be ignored
   * @throws {StateError}
   */
  async advance(
    author: Author,
    { canaryPercent, isForced = false, epoch: seen }: AdvanceOptions = {},
  ): Promise<OperatorChange> {
    const { protocol } = this.#options;
    const overview = await this.overview();
    const { stage, epoch, canaryPercent: presentPercent } = overview.control;
    const later = await laterChanges(overview.control, seen, () => overview.history);
    if (later !== undefined) return refused(later);
    if (stage === "canary" && canaryPercent !== undefined) {
      if (overview.pause && canaryPercent > presentPercent) return paused(overview.pause);
      return plain(await setCanary(protocol, canaryPercent, author, epoch));
    }
    if (canaryPercent !== undefined && overview.next !== "canary") {
      throw new UsageError(`The stage after ${stage} has no share of the questions. Nothing was changed.`, {
        hint: "Give the share when you advance from shadow-read to canary, or in canary.",
      });
    }
    const refusal =
      this.#refusal("advance", overview, author, isForced) ?? (await this.#outgrown(overview, isForced));
    if (refusal) return refusal;
    const share = overview.next === "canary" ? (canaryPercent ?? defaultCanaryPercent) : undefined;
    return plain(
      await changeStage(
        protocol,
        "advance",
        withEvidence(author, overview, { isForced, canaryPercent: share }),
        {
          holdId: randomUUID(),
          epoch,
          ...(share !== undefined && { canaryPercent: share }),
        },
      ),
    );
  }

  /** Ends the cutover: there is no way back. Gates as for `advance`. @throws {UsageError} @throws {StateError} */
  async finish(
    author: Author,
    { isForced = false, epoch }: Omit<AdvanceOptions, "canaryPercent"> = {},
  ): Promise<OperatorChange> {
    const overview = await this.overview();
    const later = await laterChanges(overview.control, epoch, () => overview.history);
    if (later !== undefined) return refused(later);
    const refusal =
      this.#refusal("finish", overview, author, isForced) ?? (await this.#outgrown(overview, isForced));
    if (refusal) return refusal;
    return this.#change("finish", withEvidence(author, overview, { isForced }), overview.control.epoch);
  }

  /**
   * Waits for nothing: reads go to the source at once. An incident is opened, which ends when the source leads again;
   * with `keepsIncidentOpen` it waits for a person to close it. It is done from any view, unless the author names his.
   *
   * @throws {StateError}
   */
  async rollback(
    author: Author,
    { keepsIncidentOpen = false, epoch }: RollbackOptions = {},
  ): Promise<OperatorChange> {
    const change = await rollBack(this.#options, author, [], { isKept: keepsIncidentOpen, epoch });
    if (change.isDone || !change.missing.some(({ requirement }) => requirement === "epoch")) {
      return plain(change);
    }
    const anyway = "To go back whatever came first: ragfood cutover rollback, without --epoch.";
    return { isDone: false, missing: [...change.missing, { message: anyway }] };
  }

  /** Ends a change of the leader that is under way. @throws {StateError} */
  async cancel(author: Author, { epoch }: SeenOptions = {}): Promise<OperatorChange> {
    return plain(await cancelHold(this.#options.protocol, author, epoch));
  }

  /** Stops `advance` and `finish` until `resume`; rules of rollback stay active. @throws {StateError} */
  async pause(author: Author, { epoch }: SeenOptions = {}): Promise<OperatorChange> {
    const { before, later } = await this.#evidence.savePause(true, author, epoch);
    if (later !== undefined) return refused(later);
    return before === undefined ? { isDone: true } : paused(before);
  }

  /** @throws {StateError} */
  async resume(author: Author, { epoch }: SeenOptions = {}): Promise<OperatorChange> {
    const { before, later } = await this.#evidence.savePause(false, author, epoch);
    if (later !== undefined) return refused(later);
    return before === undefined ? refused("The cutover is not paused.") : { isDone: true };
  }

  /**
   * Begins to compare both stores in this process, as `ragfood cutover verify` does; the overview shows the progress.
   *
   * @param size records to compare, at least one of each namespace. Default: all
   * @throws {StateError}
   */
  async beginVerification({ who }: Author, size: number = Number.POSITIVE_INFINITY): Promise<OperatorChange> {
    const running = await this.#verification.begin(who, size);
    return running === undefined
      ? { isDone: true }
      : refused(`A comparison that ${running.who} began is running already. Wait for its result.`);
  }

  /** Ends a comparison that runs in this process. */
  async stop(): Promise<void> {
    await this.#verification.stop();
  }

  #refusal(
    event: "advance" | "finish",
    { control, gates, missing, pause, next }: CutoverOverview,
    { reason = "" }: Author,
    isForced: boolean,
  ): OperatorChange | undefined {
    const transition = transitions[control.stage][event];
    if ("refusal" in transition) return refused(transition.refusal);
    if (isForced && reason.trim() === "") {
      throw new UsageError("Passing closed gates needs a reason. Nothing was changed.", {
        hint: "Give the reason with --reason; it is kept in the history.",
      });
    }
    if (pause) return paused(pause);
    const closed = isForced ? [] : gates.filter(({ isOpen }) => !isOpen);
    const lacking = [
      ...closed.map(({ wants, has }) => ({ message: `${next} needs: ${wants}; found: ${has}.` })),
      ...stepsOf(closed).map((step) => ({ message: `Next: ${step}` })),
      ...missing,
    ];
    return lacking.length === 0 ? undefined : { isDone: false, missing: lacking, isShown: true };
  }

  /** Many records that came after the comparison were not seen by it. The stores are asked only when it matters. */
  async #outgrown(
    { gates, evidence: { integrity }, control, next }: CutoverOverview,
    isForced: boolean,
  ): Promise<OperatorChange | undefined> {
    const isDemanded = gates.some(({ name }) => name === "integrity");
    if (isForced || !isDemanded || integrity === undefined) return undefined;
    const { recordCount } = await this.#options.stores()[control.leader].info();
    if (!hasOutgrown(integrity, recordCount)) return undefined;
    const [now, then] = [recordCount, integrity.total].map((count) => count.toLocaleString("en"));
    return refused(
      `${next} needs a new comparison: the leading store holds ${now} records, and held ${then} at the last one. Next: ragfood cutover verify`,
    );
  }

  async #change(event: "start" | "finish", author: Author, epoch?: number): Promise<OperatorChange> {
    const options = { holdId: randomUUID(), ...(epoch !== undefined && { epoch }) };
    return plain(await changeStage(this.#options.protocol, event, author, options));
  }
}

/** What leads to the next stage. */
const nextEvent: Readonly<Record<Stage, "start" | "advance" | "finish" | undefined>> = {
  source: "start",
  "dual-write": "advance",
  "shadow-read": "advance",
  canary: "advance",
  target: "finish",
  "target-only": undefined,
};

function withEvidence(
  author: Author,
  { gates, rules }: CutoverOverview,
  decision: { readonly isForced: boolean; readonly canaryPercent?: number | undefined },
): Author {
  return { ...author, evidence: JSON.stringify({ ...decision, gates, rules }) };
}

function paused({ who, reason }: Pause): OperatorChange {
  const why = reason === "" ? "" : ` (${reason})`;
  return refused(`${who} has paused the cutover${why}. Go on with: ragfood cutover resume.`);
}

function refused(message: string): OperatorChange {
  return { isDone: false, missing: [{ message }] };
}

function plain(change: Change): OperatorChange {
  return change.isDone ? { isDone: true } : { isDone: false, missing: change.missing };
}
