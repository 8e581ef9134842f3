import type { HistoryEntry } from "../../state/cutover/rows.ts";
import type { Protocol } from "../rules/protocol.ts";
import { type CutoverStatus, cutoverHistory, cutoverStatus } from "../status.ts";
import type { Evidence, EvidenceStore } from "./evidence-store.ts";
import { evaluateRules, type RuleResult } from "./rules.ts";
import type { CutoverThresholds } from "./thresholds.ts";

/** A cutover with everything that gates and rules look at. */
export interface Judgement {
  readonly status: CutoverStatus;
  /** The last changes, newest first. */
  readonly history: readonly HistoryEntry[];
  readonly evidence: Evidence;
  readonly rules: readonly RuleResult[];
}

/** Changes that are read at first; the start is among them, unless very much was changed since. */
const historyRead = 100;

/** Reads what is known of the present cutover, and judges the target by it. @throws {StateError} */
export async function judgeCutover(
  protocol: Protocol,
  evidenceStore: EvidenceStore,
  thresholds: CutoverThresholds,
): Promise<Judgement> {
  const status = await cutoverStatus(protocol);
  const { leader, startEpoch } = status.control;
  const { history, startedAt } = await historySince(protocol, startEpoch);
  const evidence = await evidenceStore.read(thresholds.windowMs, { startedAt, startEpoch });
  // What the target lacks: as the follower everything that is not copied, as the leader what waits in the queue.
  const targetLagSeconds = leader === "target" ? status.lag.queuedSeconds : status.lag.seconds;
  return { status, history, evidence, rules: evaluateRules({ ...evidence, targetLagSeconds }, thresholds) };
}

/**
 * The changes since the start of a cutover, at least the last 100, newest first.
 * @param startEpoch epoch of the start of the present cutover; 0 before the first one
 */
export async function historySince(
  protocol: Protocol,
  startEpoch: number,
): Promise<{ readonly history: readonly HistoryEntry[]; readonly startedAt: number }> {
  for (let limit = historyRead; ; limit *= 10) {
    const history = await cutoverHistory(protocol, limit);
    const start = history.findLast(({ epoch }) => epoch === startEpoch);
    if (start || history.length < limit) return { history, startedAt: start?.at ?? 0 };
  }
}
