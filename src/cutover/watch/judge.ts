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

/** Changes that are read: the last start is among them, unless the canary was changed very often since. */
const historyRead = 100;

/** Reads what is known of the present cutover, and judges the target by it. @throws {StateError} */
export async function judgeCutover(
  protocol: Protocol,
  evidenceStore: EvidenceStore,
  thresholds: CutoverThresholds,
): Promise<Judgement> {
  const [status, history] = await Promise.all([
    cutoverStatus(protocol),
    cutoverHistory(protocol, historyRead),
  ]);
  const evidence = await evidenceStore.read(thresholds.windowMs, startOf(history));
  const { leader } = status.control;
  // What the target lacks: as the follower whatever is not copied, as the leader what waits in the queue.
  const targetLagSeconds = leader === "target" ? status.lag.queuedSeconds : status.lag.seconds;
  return { status, history, evidence, rules: evaluateRules({ ...evidence, targetLagSeconds }, thresholds) };
}

/** When the present cutover began; epoch milliseconds. */
export function startOf(history: readonly HistoryEntry[]): number {
  return history.find(({ event }) => event === "start")?.at ?? 0;
}
