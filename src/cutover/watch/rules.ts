import { counted } from "../../foundation/plural.ts";
import { codesIn, latencyOf, type PairFigures, type SideFigures } from "./figures.ts";
import { comparedWords, type IntegrityEvidence } from "./integrity.ts";
import { lostWords } from "./lost-records.ts";
import type { CutoverThresholds } from "./thresholds.ts";

/** `inconclusive`: too few reads, or no baseline. It stops an advance, and does not roll back. */
type RuleState = "holds" | "broken" | "inconclusive";

export type RuleName =
  | "latency-mean"
  | "latency-p95"
  | "errors"
  | "write-errors"
  | "lag"
  | "critical"
  | "integrity";

/** A rule of rollback, as it was found. */
export interface RuleResult {
  readonly name: RuleName;
  readonly state: RuleState;
  /** One sentence for a person: what is demanded, and what was found. */
  readonly sentence: string;
  readonly value: number | undefined;
  readonly limit: number | undefined;
}

export interface RuleInput {
  /** Of the window that the rules look at. */
  readonly figures: PairFigures;
  /** Of the last seconds, for failures that need no long look. */
  readonly recent: PairFigures;
  /** The source's figures before it stopped answering; for the stage `target`. */
  readonly baseline: SideFigures | undefined;
  readonly integrity: IntegrityEvidence | undefined;
  /** Seconds since the first acknowledged write that the target lacks; 0 if it lacks no write. */
  readonly targetLagSeconds: number;
}

/** So many failures are a rate above any limit, although the window has fewer requests than it needs. */
const conclusiveFailures = 10;

/** One failed request of a few, or two, is chance and no rate. */
const fewestFailures = 3;

/** Failures that do not pass by waiting, of so many a chance is ruled out. */
const fewestCritical = 3;

/** Judges the target by the rules of rollback (CUT-2). */
export function evaluateRules(input: RuleInput, thresholds: CutoverThresholds): RuleResult[] {
  const { figures, recent, integrity, targetLagSeconds } = input;
  const { requests, errors, diverted, writes, failedWrites } = figures.target;
  const isEnough = requests >= thresholds.minimumRequests;
  return [
    ...latencyRules(input, thresholds, isEnough),
    // A read that was not even tried is one that the target could not answer.
    errorRule("errors", { count: requests + diverted, failed: errors + diverted, what: "reads" }, thresholds),
    errorRule("write-errors", { count: writes, failed: failedWrites, what: "writes" }, thresholds),
    lagRule(targetLagSeconds, thresholds),
    criticalRule(recent.target),
    integrityRule(integrity),
  ];
}

function latencyRules(
  { figures: { source, target }, baseline }: RuleInput,
  { latencyFactor, fastEnoughMs, minimumRequests }: CutoverThresholds,
  isEnough: boolean,
): RuleResult[] {
  // While both answer, the source of the same minutes is the control: load slows both.
  const control = source.requests >= minimumRequests ? source : baseline;
  const before = control && latencyOf(control);
  const now = latencyOf(target);
  return (["mean", "p95"] as const).map((measure) => {
    const name = `latency-${measure}` as const;
    const words = measure === "mean" ? "Mean latency" : "95th percentile of latency";
    if (!isEnough || now === undefined) return inconclusive(name, words, tooFew(target, minimumRequests));
    if (before === undefined) return inconclusive(name, words, "the source has no figures to compare with");
    const limit = Math.max(fastEnoughMs, latencyFactor * before[measure]);
    const value = now[measure];
    const sentence = `${words} of the target is ${ms(value)}; the source had ${ms(before[measure])}, the limit is ${ms(limit)}`;
    return { name, state: value > limit ? "broken" : "holds", sentence, value, limit };
  });
}

interface Calls {
  readonly count: number;
  readonly failed: number;
  readonly what: "reads" | "writes";
}

function errorRule(
  name: "errors" | "write-errors",
  { count, failed, what }: Calls,
  { errorRate: limit, minimumRequests }: CutoverThresholds,
): RuleResult {
  if (count < minimumRequests && failed < conclusiveFailures) {
    // A service that is only read has no writes that could fail.
    if (what === "writes" && failed === 0) {
      return { name, state: "holds", sentence: "No write to the target failed", value: 0, limit };
    }
    const found = `the target had ${count} ${what} in the window, and ${minimumRequests} are needed`;
    return inconclusive(name, `Error rate of ${what}`, found);
  }
  const value = failed / count;
  const sentence = `${failed} of ${count} ${what} of the target failed (${share(value)}); the limit is ${share(limit)}`;
  const isBroken = value > limit && failed >= fewestFailures;
  return { name, state: isBroken ? "broken" : "holds", sentence, value, limit };
}

function lagRule(value: number, { rollbackLagSeconds: limit }: CutoverThresholds): RuleResult {
  const sentence = `The target lacks writes of the last ${value.toFixed(1)} s; the limit is ${limit} s`;
  return { name: "lag", state: value > limit ? "broken" : "holds", sentence, value, limit };
}

/**
 * A store that is down is asked less and less often: too seldom for a rate of errors. Reads that went past it while it
 * was paused count as well: it was paused for too long.
 */
function criticalRule({ critical, requests, errors, diverted }: SideFigures): RuleResult {
  const wanted = requests + diverted;
  if (wanted >= fewestCritical && errors === requests) {
    return {
      name: "critical",
      state: "broken",
      sentence: `The target answers nothing: all of the last ${wanted} reads failed`,
      value: wanted,
      limit: fewestCritical - 1,
    };
  }
  const value = Object.values(critical).reduce((sum, count) => sum + count, 0);
  return {
    name: "critical",
    state: value >= fewestCritical ? "broken" : "holds",
    sentence:
      value === 0
        ? "The target has no critical failure"
        : `The target fails critically: ${codesIn(critical)}`,
    value,
    limit: fewestCritical - 1,
  };
}

function integrityRule(integrity: IntegrityEvidence | undefined): RuleResult {
  if (integrity === undefined)
    return inconclusive("integrity", "Integrity", "the stores were not compared yet");
  const { differences, lost } = integrity;
  if (lost?.side === "source") {
    return inconclusive("integrity", "Integrity", `${lostWords(lost)}, and a rollback would lose the others`);
  }
  return {
    name: "integrity",
    state: integrity.isGood ? "holds" : "broken",
    sentence: `${comparedWords(integrity)}: ${counted(differences, "difference")}`,
    value: differences,
    limit: 0,
  };
}

function inconclusive(name: RuleName, words: string, why: string): RuleResult {
  return {
    name,
    state: "inconclusive",
    sentence: `${words}: not known, ${why}`,
    value: undefined,
    limit: undefined,
  };
}

function tooFew({ requests }: SideFigures, minimum: number): string {
  return `the target answered ${requests} reads in the window, and ${minimum} are needed`;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function share(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}
