import { counted } from "../../foundation/plural.ts";
import type { HistoryEntry, Stage } from "../../state/cutover/rows.ts";
import type { CutoverStatus } from "../status.ts";
import { codesIn, type PairFigures } from "./figures.ts";
import { comparedWords, type IntegrityEvidence, isSufficient } from "./integrity.ts";
import { lostHint } from "./lost-records.ts";
import { outlook } from "./outlook.ts";
import type { RuleResult } from "./rules.ts";
import type { CutoverThresholds } from "./thresholds.ts";

/** Something that has to be shown before a stage is entered. */
export interface Gate {
  readonly name: "lag" | "integrity" | "comparison" | "shadow-errors" | "shadow-latency" | "rules" | "soak";
  readonly isOpen: boolean;
  /** What it demands. */
  readonly wants: string;
  /** What was found. */
  readonly has: string;
  /** What provides the rest, if it is closed: a command, or what to wait for. */
  readonly next: string | undefined;
}

export interface GateInput {
  readonly status: CutoverStatus;
  /** Newest first. */
  readonly history: readonly HistoryEntry[];
  readonly figures: PairFigures;
  /** Of the last 15 s. */
  readonly recent: PairFigures;
  readonly rules: readonly RuleResult[];
  /** Of the present cutover. */
  readonly integrity: IntegrityEvidence | undefined;
}

/** The stage that `advance`, or `finish`, leads to; `undefined` if it leads nowhere. */
export function nextStage(stage: Stage): Stage | undefined {
  const next: Record<Stage, Stage | undefined> = {
    source: "dual-write",
    "dual-write": "shadow-read",
    "shadow-read": "canary",
    canary: "target",
    target: "target-only",
    "target-only": undefined,
  };
  return next[stage];
}

/** What opens the closed ones, each once: several often wait for the same. */
export function stepsOf(gates: readonly Gate[]): string[] {
  return [...new Set(gates.flatMap(({ next }) => next ?? []))];
}

/** The gates of the next stage. What the protocol itself demands (docs/cutover-protocol.md, events) comes on top. */
export function gatesOf(input: GateInput, thresholds: CutoverThresholds): Gate[] {
  switch (nextStage(input.status.control.stage)) {
    case "shadow-read":
      return [lag(input, thresholds)];
    case "canary":
      return [lag(input, thresholds), integrity(input, thresholds), ...comparison(input, thresholds)];
    case "target":
      return [lag(input, thresholds), integrity(input, thresholds), rules(input, thresholds)];
    case "target-only":
      return [
        lag(input, thresholds),
        integrity(input, thresholds),
        rules(input, thresholds),
        soak(input, thresholds),
      ];
    default:
      return [];
  }
}

function lag({ status }: GateInput, { mostLagSeconds }: CutoverThresholds): Gate {
  const { lag: found, failing } = status;
  const isOpen = found.seconds <= mostLagSeconds;
  const [fault] = failing;
  const next = fault
    ? `Copies fail (${fault.reason}). Find the cause: ragfood doctor`
    : "Wait: running processes copy what is missing.";
  return {
    name: "lag",
    isOpen,
    wants: `the follower lags by no more than ${mostLagSeconds} s`,
    has: `${counted(found.records, "record")}, ${found.seconds.toFixed(1)} s`,
    next: isOpen ? undefined : next,
  };
}

/** Records that changed after the comparison are carried by the outbox, which the lag shows. */
function integrity({ status, integrity: found }: GateInput, { integrityMs }: CutoverThresholds): Gate {
  const age = found === undefined ? 0 : status.at - found.beganAt;
  const isEnough = found !== undefined && isSufficient(found);
  const isOpen = isEnough && found.isGood && age <= integrityMs;
  return {
    name: "integrity",
    isOpen,
    wants: `a comparison of the stores without a difference, since the start and in the last ${hours(integrityMs)}`,
    has:
      found === undefined
        ? "none"
        : `${comparedWords(found)}, ${counted(found.differences, "difference")}, ${hours(age)} ago`,
    next: isOpen ? undefined : nextComparison(found, isEnough),
  };
}

function nextComparison(found: IntegrityEvidence | undefined, isEnough: boolean): string {
  if (found?.lost !== undefined) return lostHint(found.lost);
  if (found?.total === 0) return "Fill the leading store first, for example: ragfood ingest";
  if (found?.isGood === false) {
    return "ragfood cutover verify --repair copies these records from the leading store again; then compare once more";
  }
  if (found === undefined || isEnough) return "ragfood cutover verify";
  return "ragfood cutover verify, or wait until the service has compared every record";
}

/** Whether waiting provides the reads that are missing. */
function readsOutlook(
  found: number,
  { status, history }: GateInput,
  { minimumRequests: needed, windowMs }: CutoverThresholds,
  remedy: string,
): string {
  const entered = history.find(({ from, to }) => from !== to && to === status.control.stage)?.at ?? status.at;
  return outlook({ found, needed, windowMs, stageMs: status.at - entered }, remedy);
}

function comparison(input: GateInput, thresholds: CutoverThresholds): Gate[] {
  const { shadow } = input.figures;
  const { minimumRequests, minimumOverlap, errorRate, latencyFactor, fastEnoughMs } = thresholds;
  const { comparisons, errors } = shadow;
  // That both stores find nothing says nothing of what they find.
  const answered = comparisons - errors - shadow.empty;
  const isEnough = comparisons >= minimumRequests;
  const more = (found: number) => readsOutlook(found, input, thresholds, "Raise CUTOVER_SHADOW_PERCENT.");
  const wait = isEnough ? undefined : more(answered);
  const isAnswered = answered >= minimumRequests;
  const overlap = answered === 0 ? 0 : shadow.overlap / answered;
  const failed = comparisons === 0 ? 0 : errors / comparisons;
  const isSimilar = isAnswered && overlap >= minimumOverlap;
  const isHealthy = isEnough && failed <= errorRate;
  const isSlow = shadow.shadowMs > Math.max(fastEnoughMs * comparisons, latencyFactor * shadow.servedMs);
  const isFast = isEnough && !isSlow;
  const mean = (sum: number) => `${(sum / comparisons).toFixed(1)} ms`;
  const causes = codesIn(input.figures.shadowErrors);
  const unlessNone = (found: string) => (comparisons === 0 ? "no shadow read yet" : found);
  return [
    {
      name: "comparison",
      isOpen: isSimilar,
      wants: `both stores find the same ${percent(minimumOverlap)} of the matches in ${minimumRequests} shadow reads of the window`,
      has: unlessNone(
        `${percent(overlap)} in ${answered}${shadow.empty === 0 ? "" : `; ${shadow.empty.toLocaleString("en")} more found nothing in either store`}`,
      ),
      next: isSimilar
        ? undefined
        : isAnswered
          ? "ragfood migrate compare explains the differences"
          : more(answered),
    },
    {
      name: "shadow-errors",
      isOpen: isHealthy,
      wants: `no more than ${percent(errorRate)} of the shadow reads fail`,
      has: unlessNone(`${errors} of ${comparisons}${causes === "" ? "" : `: ${causes}`}`),
      next: isHealthy ? undefined : errors === 0 ? wait : nextAfterFailures(input.recent, thresholds),
    },
    {
      name: "shadow-latency",
      isOpen: isFast,
      wants: `the target takes no more than ${latencyFactor} times as long`,
      has: unlessNone(`${mean(shadow.shadowMs)}, the source ${mean(shadow.servedMs)}`),
      next: isFast
        ? undefined
        : isSlow
          ? "Waiting alone does not open this gate while the target is slower. If it is fast enough for your users, set CUTOVER_FAST_ENOUGH_MS: an index in this process always answers before one over the network."
          : wait,
    },
  ];
}

function nextAfterFailures({ shadow }: PairFigures, { windowMs }: CutoverThresholds): string {
  if (shadow.errors > 0 || shadow.comparisons === 0) {
    return "Shadow reads of the target fail. Find the cause: ragfood doctor";
  }
  const seconds = Math.round(windowMs / 1_000);
  return `No shadow read fails now. Wait: a failure counts for ${seconds} s (CUTOVER_WINDOW_S).`;
}

function rules(input: GateInput, thresholds: CutoverThresholds): Gate {
  const closed = input.rules.filter(({ state }) => state !== "holds");
  const { requests } = input.figures.target;
  const isMore = requests < thresholds.minimumRequests;
  const remedy =
    input.status.control.stage === "canary" ? "Raise the share: ragfood cutover advance --canary 50" : "";
  const more = isMore ? readsOutlook(requests, input, thresholds, remedy) : "";
  const found = `the target answered ${counted(requests, "read")} in the window`;
  const tooFew = isMore ? `; ${found}, and ${thresholds.minimumRequests} are needed` : "";
  return {
    name: "rules",
    isOpen: closed.length === 0,
    wants: "every rule of rollback holds",
    has: closed.length === 0 ? "all hold" : `${statesOf(closed)}${tooFew}`,
    next: closed.length === 0 ? undefined : isMore ? more : "Wait until the rules hold, or roll back.",
  };
}

/** By name: their sentences are listed with the rules. */
function statesOf(rules: readonly RuleResult[]): string {
  const states = [...new Set(rules.map(({ state }) => state))];
  const named = (state: RuleResult["state"]) =>
    rules.filter((rule) => rule.state === state).map(({ name }) => name);
  return states.map((state) => `${state}: ${named(state).join(", ")}`).join("; ");
}

function soak({ status, history }: GateInput, { soakMs }: CutoverThresholds): Gate {
  const since = history.find(({ to, event }) => to === "target" && event === "flip")?.at;
  const age = since === undefined ? 0 : status.at - since;
  return {
    name: "soak",
    isOpen: age >= soakMs,
    wants: `the target has led for ${hours(soakMs)}`,
    has: hours(age),
    next: age >= soakMs ? undefined : `Wait ${hours(soakMs - age)} (CUTOVER_SOAK_H).`,
  };
}

function hours(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  return minutes < 120 ? `${Math.round(minutes)} min` : `${Number((minutes / 60).toFixed(1))} h`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
