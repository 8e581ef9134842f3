import { counted } from "../foundation/plural.ts";
import { timeText } from "../operations/report/figures.ts";
import type { Control, HistoryEntry, Side } from "../state/cutover/rows.ts";
import type { Evidence } from "./watch/evidence-store.ts";
import { lostHint, lostWords } from "./watch/lost-records.ts";
import type { RuleResult } from "./watch/rules.ts";

/** What it needs of an overview of the cutover (`CutoverOverview`). */
interface Overview {
  readonly control: Control;
  readonly rules: readonly RuleResult[];
  /** The newest first. */
  readonly history: readonly HistoryEntry[];
  readonly names: Readonly<Record<Side, string>>;
}

/** What a person has to know first of a cutover. */
export interface CutoverNews {
  readonly kind: "rule-broken" | "rolled-back";
  /** Without its full stop. */
  readonly sentence: string;
  /** Epoch milliseconds; `undefined` if it is not known. */
  readonly since: number | undefined;
  /** Whether rules decided it, and no person. */
  readonly isAutomatic: boolean;
}

/** Who rolls back if a rule is broken: the author in the history. */
export const rulesOfRollback = "rules of rollback";

/**
 * A rule that is broken while the target answers users, or the rollback after which nothing was started again: what
 * status, commands and the API say before anything else.
 *
 * @param rollsBack whether a broken rule rolls back (`CUTOVER_ROLLBACK`)
 */
export function cutoverNews(
  { control, rules, history, names }: Overview,
  rollsBack: boolean,
): CutoverNews | undefined {
  const broken = rules.filter(({ state }) => state === "broken");
  const isAnswering = control.stage === "canary" || control.stage === "target";
  if (isAnswering && control.hold?.to !== "source" && broken.length > 0) {
    const then = rollsBack
      ? `The cutover rolls back to ${names.source} if the next look finds the same`
      : "It does not roll back by itself: CUTOVER_ROLLBACK=report";
    const what = broken.map(({ sentence }) => sentence).join("; ");
    return {
      kind: "rule-broken",
      sentence: `${counted(broken.length, "rule")} of rollback broken: ${what}. ${then}`,
      since: undefined,
      isAutomatic: true,
    };
  }
  const rollback = lastRollback(history);
  if (rollback === undefined || (control.stage !== "source" && control.hold?.to !== "source"))
    return undefined;
  const { from, at, who, reason } = rollback;
  const time = timeText(new Date(at).toISOString());
  const why = reason === "" ? "" : `: ${reason}`;
  return {
    kind: "rolled-back",
    sentence: `Rolled back from ${from} at ${time} by ${who === rulesOfRollback ? `the ${who}` : who}${why}`,
    since: at,
    isAutomatic: who === rulesOfRollback,
  };
}

/** An alert of a cutover. */
export interface CutoverAlert {
  readonly sentence: string;
  /** Whether an incident has its details. */
  readonly hasIncident: boolean;
}

/** Milliseconds after its end for which a rollback raises its alert: longer than the time between two looks. */
const alertMs = 60_000;

/**
 * The alert of a cutover: rules have rolled it back, or a store has lost its records. It depends only on what the state
 * store keeps, so that all processes agree, and one that has just begun too.
 */
export function cutoverAlert({
  control: { stage, isRecording },
  history,
  at,
  evidence,
  names,
}: Omit<Overview, "rules"> & {
  /** Epoch milliseconds by the state store's clock. */
  readonly at: number;
  readonly evidence: Pick<Evidence, "integrity">;
}): CutoverAlert | undefined {
  const rollback = lastRollback(history);
  const settled = history.find(({ event }) => event === "settle");
  const isOver = rollback && settled && settled.at >= rollback.at && at - settled.at >= alertMs;
  if (rollback?.who === rulesOfRollback && !isOver) {
    return {
      sentence: `The cutover rolled back to ${names.source}: ${rollback.reason}.`,
      hasIncident: true,
    };
  }
  const lost = evidence.integrity?.lost;
  if (lost === undefined || stage === "source" || !isRecording) return undefined;
  return { sentence: `In the cutover, ${lostWords(lost)}. ${lostHint(lost)}.`, hasIncident: false };
}

/** The rollback after which nothing was started; the history has the newest entry first. */
function lastRollback(history: readonly HistoryEntry[]): HistoryEntry | undefined {
  const decided = history.find(({ event }) => event === "start" || /^rollback\b/.test(event));
  return decided?.event === "start" ? undefined : decided;
}
