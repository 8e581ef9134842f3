import { setTimeout as wait } from "node:timers/promises";
import type { RecordKey, Side } from "../../state/cutover/rows.ts";
import type { StateDatabase } from "../../state/database.ts";
import type { Incident } from "../../state/incidents.ts";
import type { VectorStore } from "../../store/store.ts";
import type { Protocol } from "../rules/protocol.ts";
import { cutoverStatus } from "../status.ts";
import { compareStores } from "./compare-stores.ts";
import { EvidenceStore } from "./evidence-store.ts";
import type { FigureRecorder } from "./figures.ts";
import type { Validation } from "./incident-report.ts";
import { type RollbackParts, rollBack, settleRollback } from "./roll-back.ts";
import { evaluateRules, type RuleResult } from "./rules.ts";
import type { CutoverThresholds } from "./thresholds.ts";

export interface GuardOptions {
  readonly protocol: Protocol;
  readonly state: StateDatabase;
  readonly pair: string;
  /** Names this process. */
  readonly process: string;
  readonly stores: Readonly<Record<Side, VectorStore>>;
  readonly figures: FigureRecorder;
  readonly thresholds: CutoverThresholds;
  /** Rolls back when a rule is broken. Otherwise rules are only reported. */
  readonly rollsBack: boolean;
  /** Asks known questions after a rollback; absent: none. */
  readonly validate?: () => Promise<Validation | undefined>;
  /** Called once for each rollback that this process made, before it settles. */
  readonly onRollback?: (broken: readonly RuleResult[]) => void;
  /** Called once for each rollback that this process has settled. */
  readonly onSettled?: (incident: Incident) => void;
  readonly onFault?: (error: Error) => void;
  /** Milliseconds between two looks. Default 5,000. */
  readonly intervalMs?: number;
  /** Records of one sampled comparison, and milliseconds between two. Default 500 and 300,000. */
  readonly sampleSize?: number;
  readonly sampleEveryMs?: number;
}

const defaultIntervalMs = 5_000;
const defaultSampleSize = 500;
const defaultSampleEveryMs = 300_000;

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
  #running: Promise<void> | undefined;
  #brokenLooks = 0;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#evidence = new EvidenceStore(options.state, options.pair);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
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

  /** One look. @throws {StateError} */
  async look(): Promise<void> {
    const { protocol, thresholds, rollsBack } = this.#options;
    await this.#share();
    const { control, at } = await cutoverStatus(protocol);
    if (control.stage === "source" || control.stage === "target-only") {
      this.#brokenLooks = 0;
      await this.#settle();
      return;
    }
    let evidence = await this.#evidence.read(thresholds.windowMs);
    const isLevel = control.level === "level" && !control.hold;
    if (isLevel && (await this.#sample(control.leader, at, evidence.integrity?.at))) {
      evidence = await this.#evidence.read(thresholds.windowMs);
    }
    const { source } = evidence.figures;
    if (control.leader === "source" && source.requests >= thresholds.minimumRequests) {
      await this.#evidence.saveBaseline(source);
    }
    const answers = control.stage === "canary" || control.stage === "target";
    const broken = answers && !control.hold ? evaluateRules(evidence, thresholds).filter(isBroken) : [];
    this.#brokenLooks = broken.length === 0 ? 0 : this.#brokenLooks + 1;
    if (!rollsBack || this.#brokenLooks < looksToRollBack) return;
    const reason = broken.map(({ sentence }) => sentence).join("; ");
    const author = { who: "rules of rollback", reason, evidence: JSON.stringify(broken) };
    const change = await rollBack(this.#parts, author, broken, control.epoch);
    this.#brokenLooks = 0;
    if (change.isDone) this.#options.onRollback?.(broken);
  }

  get #parts(): RollbackParts {
    return this.#options;
  }

  async #share(): Promise<void> {
    const { figures, process } = this.#options;
    const taken = figures.take();
    if (taken.source.requests + taken.target.requests + taken.shadow.comparisons === 0) return;
    await this.#evidence.add(process, taken);
  }

  /** @returns whether the stores were compared */
  async #sample(leader: Side, now: number, last: number | undefined): Promise<boolean> {
    const { stores, sampleSize = defaultSampleSize, sampleEveryMs = defaultSampleEveryMs } = this.#options;
    if (last !== undefined && now - last < sampleEveryMs) return false;
    try {
      const { checked, differences } = await compareStores({
        stores,
        leader,
        size: sampleSize,
        pending: (keys) => pendingIds(this.#options.protocol, keys),
        signal: this.#stopping.signal,
      });
      await this.#evidence.saveIntegrity({ isGood: differences === 0, checked, differences });
      return true;
    } catch (error) {
      // A store that cannot be read is what the other rules are for.
      this.#options.onFault?.(error as Error);
      return false;
    }
  }

  async #settle(): Promise<void> {
    const { validate = async () => undefined, onSettled } = this.#options;
    const incident = await settleRollback(this.#parts, validate);
    if (incident) onSettled?.(incident);
  }
}

function isBroken({ state }: RuleResult): boolean {
  return state === "broken";
}

/** Of these keys, those with marks: writes that one of the stores may lack. */
export async function pendingIds(
  { transaction }: Protocol,
  keys: readonly RecordKey[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const marks = await transaction(async (rows) => rows.marksOf(keys), { readOnly: true });
  return new Set(marks.map(({ id }) => id));
}
