import { setTimeout as wait } from "node:timers/promises";
import { type Control, type RecordKey, type Side, wholeNamespace } from "../../state/cutover/rows.ts";
import type { StateDatabase } from "../../state/database.ts";
import type { Incident } from "../../state/incidents.ts";
import { StateError } from "../../state/state-error.ts";
import type { VectorStore } from "../../store/store.ts";
import { rulesOfRollback } from "../news.ts";
import { levelAgain, noteLostLeader } from "../rules/level.ts";
import { marksAround } from "../rules/namespace.ts";
import type { Protocol } from "../rules/protocol.ts";
import { EvidenceStore } from "./evidence-store.ts";
import { type FigureRecorder, isEmpty, mergeFigures, noFigures } from "./figures.ts";
import type { TargetFault, Validation } from "./incident-report.ts";
import type { IntegrityEvidence } from "./integrity.ts";
import { judgeCutover } from "./judge.ts";
import { findLostRecords, type LostRecords, lostWords } from "./lost-records.ts";
import { type RollbackParts, rollBack, settleRollback } from "./roll-back.ts";
import type { RuleResult } from "./rules.ts";
import { type Sample, SampleWalk } from "./sample-walk.ts";
import type { CutoverThresholds } from "./thresholds.ts";

export interface GuardOptions {
  readonly protocol: Protocol;
  readonly state: StateDatabase;
  readonly pair: string;
  /** What the two stores are called. */
  readonly names: Readonly<Record<Side, string>>;
  /** Names this process. */
  readonly process: string;
  readonly stores: Readonly<Record<Side, VectorStore>>;
  /** Whether records that differed are compared by their vectors too. Default false. */
  readonly comparesVectors?: boolean;
  readonly figures: FigureRecorder;
  readonly thresholds: CutoverThresholds;
  /** Rolls back when a rule is broken. Otherwise rules are only reported. */
  readonly rollsBack: boolean;
  /** Asks known questions after a rollback. Default: no questions. */
  readonly validate?: () => Promise<Validation | undefined>;
  /** Called once for each rollback that this process made, before it settles. */
  readonly onRollback?: (broken: readonly RuleResult[]) => void;
  /** Called once for each rollback that this process has settled. */
  readonly onSettled?: (incident: Incident) => void;
  /** Called after each sample: a store that has lost its records, or `undefined`. */
  readonly onLoss?: (lost: LostRecords | undefined) => void;
  readonly onFault?: (error: Error) => void;
  /** How the target fails at present, for the report of a rollback. */
  readonly targetFault?: () => TargetFault | undefined;
  /** Milliseconds between two looks. Default 5,000. */
  readonly intervalMs?: number;
  /** Records of one sampled comparison, and milliseconds between two. Default 250 and 30,000. */
  readonly sampleSize?: number;
  readonly sampleEveryMs?: number;
  /** Milliseconds before something that differs is read again. Default 700. */
  readonly settleMs?: number;
}

const defaultIntervalMs = 5_000;
const defaultSampleSize = 250;
const defaultSampleEveryMs = 30_000;

/** A rule has to be broken at so many looks in a row: one bad moment does not roll back. */
const looksToRollBack = 2;

/**
 * Watches the target while it answers users: shares what this process measured, compares samples of both stores, and
 * rolls back when a rule is broken. Each process of a service runs one; of several that roll back, one wins.
 */
export class RollbackGuard {
  readonly #options: GuardOptions;
  readonly #evidence: EvidenceStore;
  readonly #stopping = new AbortController();
  readonly #walk: SampleWalk;
  #running: Promise<void> | undefined;
  #sampling: Promise<void> | undefined;
  #brokenLooks = 0;
  #unshared = noFigures;
  /** By the state store's clock. */
  #sampledAt = Number.NEGATIVE_INFINITY;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#evidence = new EvidenceStore(options.state, options.pair);
    this.#walk = new SampleWalk({
      stores: options.stores,
      pending: (keys) => pendingIds(options.protocol, keys),
      signal: this.#stopping.signal,
      integrityMs: options.thresholds.integrityMs,
      comparesVectors: options.comparesVectors ?? false,
      ...(options.settleMs !== undefined && { settleMs: options.settleMs }),
    });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#sampling;
    await this.#share().catch(() => {});
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        if (!signal.aborted) this.#options.onFault?.(error as Error);
      }
      await wait(this.#options.intervalMs ?? defaultIntervalMs, undefined, { signal, ref: false }).catch(
        () => {},
      );
    }
  }

  /** One look. A comparison of a sample that it begins goes on after it. @throws {StateError} */
  async look(): Promise<void> {
    const { protocol, thresholds, rollsBack } = this.#options;
    await this.#share();
    const { status, evidence, rules } = await judgeCutover(protocol, this.#evidence, thresholds);
    const { control, at } = status;
    if (control.stage === "source" || control.stage === "target-only") {
      this.#brokenLooks = 0;
      await this.#settle();
      return;
    }
    if (control.level === "level" && !control.hold) {
      this.#beginSample(control, at, evidence.integrity);
    }
    const { source } = evidence.figures;
    if (control.leader === "source" && source.requests >= thresholds.minimumRequests) {
      await this.#evidence.saveBaseline(source);
    }
    const answers = control.stage === "canary" || control.stage === "target";
    // A target that fails while it is about to lead must not get there.
    const isJudged = answers && control.hold?.to !== "source";
    const broken = isJudged ? rules.filter(({ state }) => state === "broken") : [];
    this.#brokenLooks = broken.length === 0 ? 0 : this.#brokenLooks + 1;
    if (!rollsBack || this.#brokenLooks < looksToRollBack) return;
    const reason = broken.map(({ sentence }) => sentence).join("; ");
    const author = { who: rulesOfRollback, reason, evidence: JSON.stringify(broken) };
    const change = await rollBack(this.#parts, author, broken, { epoch: control.epoch });
    // Another change came first, as a pause does: the next look tries again.
    if (!change.isDone) return;
    this.#brokenLooks = 0;
    this.#options.onRollback?.(broken);
  }

  /** Resolves when no comparison of a sample is running. */
  async sampled(): Promise<void> {
    await this.#sampling;
  }

  get #parts(): RollbackParts {
    return this.#options;
  }

  /** What could not be shared is shared later: a state store in trouble must not hide a target in trouble. */
  async #share(): Promise<void> {
    const { figures, process } = this.#options;
    this.#unshared = mergeFigures([this.#unshared, figures.take()]);
    if (isEmpty(this.#unshared)) return;
    try {
      await this.#evidence.add(process, this.#unshared);
    } catch (error) {
      if (!(error instanceof StateError && error.mayHaveCommitted)) throw error;
    }
    this.#unshared = noFigures;
  }

  /** A store that hangs would hold up the looks: they do not wait for the comparison. */
  #beginSample(control: Control, now: number, last: IntegrityEvidence | undefined): void {
    if (this.#sampling) return;
    const { sampleEveryMs = defaultSampleEveryMs, figures } = this.#options;
    const suspects = figures.takeSuspects();
    const isDue = now - Math.max(this.#sampledAt, last?.at ?? 0) >= sampleEveryMs;
    if (!isDue && suspects.length === 0) return;
    if (isDue) this.#sampledAt = now;
    const size = isDue ? (this.#options.sampleSize ?? defaultSampleSize) : 0;
    const keys = [...(last?.differing ?? []), ...suspects];
    const { leader, startEpoch } = control;
    this.#sampling = this.#sample({ leader, startEpoch, size, keys, now }, control, last)
      // A store that cannot be read is what the other rules are for.
      .catch((error: Error) => {
        if (!this.#stopping.signal.aborted) this.#options.onFault?.(error);
      })
      .finally(() => {
        this.#sampling = undefined;
      });
  }

  async #sample(sample: Sample, control: Control, last: IntegrityEvidence | undefined): Promise<void> {
    const { size, startEpoch, now, leader } = sample;
    const { protocol, stores, thresholds, settleMs, onLoss } = this.#options;
    const walked = await this.#walk.next(sample);
    const { found } = walked;
    const hasPage = size > 0;
    // A few suspects that are equal do not replace the last comparison.
    if (!hasPage && found.length === 0) return;
    const { checked, total, missed } = hasPage ? walked : (last ?? walked);
    const lost = await findLostRecords({
      stores,
      leader,
      underWay: (namespaces) => writesUnderWay(protocol, namespaces),
      signal: this.#stopping.signal,
      ...(settleMs !== undefined && { settleMs }),
    });
    onLoss?.(lost);
    const differences = Math.max(found.length, lost ? lost.others - lost.held : 0);
    await this.#evidence.saveIntegrity(
      {
        startEpoch,
        beganAt: now,
        isWhole: false,
        checked: Math.max(checked, found.length),
        total,
        missed,
        differences,
        listed: found,
        lost,
      },
      last,
      thresholds.integrityMs,
    );
    const lostLeader = lost?.isLeading ? lost.side : undefined;
    if (lostLeader !== control.lost) await noteLostLeader(protocol, startEpoch, lostLeader);
    if (lost && !lost.isLeading) await levelAgain(protocol, startEpoch, lostWords(lost));
  }

  async #settle(): Promise<void> {
    const { validate = async () => undefined, onSettled } = this.#options;
    const incident = await settleRollback(this.#parts, validate);
    if (incident) onSettled?.(incident);
  }
}

/** Of these keys, those with marks, or in a namespace with one: writes that one of the stores may lack. */
export async function pendingIds(
  { transaction }: Protocol,
  keys: readonly RecordKey[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  return transaction(
    async (rows) => {
      const marks = await marksAround(rows, keys);
      const isPending = (key: RecordKey) => marks.of(key).length > 0 || marks.wholes(key).length > 0;
      return new Set(keys.flatMap((key) => (isPending(key) ? key.id : [])));
    },
    { readOnly: true },
  );
}

/** Writes that one of the stores may lack; `Infinity` if one of them empties one of these namespaces. */
export function writesUnderWay({ transaction }: Protocol, namespaces: readonly string[]): Promise<number> {
  return transaction(
    async (rows) => {
      const { open, settled, queued } = await rows.countMarks();
      const wholes = await rows.marksOf(namespaces.map((namespace) => ({ namespace, id: wholeNamespace })));
      return wholes.length > 0 ? Number.POSITIVE_INFINITY : open + settled + queued;
    },
    { readOnly: true },
  );
}
