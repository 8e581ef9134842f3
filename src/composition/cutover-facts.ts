import type { Settings } from "../config/settings.ts";
import { describeChange, evidenceOf } from "../cutover/history-text.ts";
import type { StartEvidence } from "../cutover/operator.ts";
import { stateProtocol } from "../cutover/state-protocol.ts";
import { cutoverStatus } from "../cutover/status.ts";
import { defaultTiming } from "../cutover/timing.ts";
import { EvidenceStore } from "../cutover/watch/evidence-store.ts";
import type { Gate } from "../cutover/watch/gates.ts";
import { comparedWords, type IntegrityEvidence, isSufficient } from "../cutover/watch/integrity.ts";
import { historySince } from "../cutover/watch/judge.ts";
import { defaultThresholds } from "../cutover/watch/thresholds.ts";
import { counted } from "../foundation/plural.ts";
import type { CutoverFact, CutoverFacts } from "../operations/checklist/cutover-facts.ts";
import type { HistoryEntry } from "../state/cutover/rows.ts";
import type { StateDatabase } from "../state/database.ts";

const pair = "main";

/**
 * What is recorded of the last cutover, also after its settings were removed; `undefined` if none was started.
 * @throws {StateError}
 */
export async function readCutoverFacts(
  settings: Settings,
  state: StateDatabase,
): Promise<CutoverFacts | undefined> {
  const protocol = stateProtocol({ open: async () => state, pair, timing: defaultTiming });
  const { control, at } = await cutoverStatus(protocol);
  const { stage, startEpoch } = control;
  if (startEpoch === 0) return undefined;
  const { history, startedAt } = await historySince(protocol, startEpoch);
  const ofCutover = history.filter(({ epoch }) => epoch >= startEpoch);
  const { integrity } = await new EvidenceStore(state, pair).read(0, { startedAt, startEpoch });
  const entered = (to: string) => ofCutover.findLast((entry) => entry.to === to && entry.from !== to)?.at;
  // After the end nothing is compared any more: the evidence has to be of that time.
  const judgedAt = entered("target-only") ?? at;
  const { integrityMs } = settings.cutover?.thresholds ?? defaultThresholds;
  const copiedAt = entered("shadow-read");
  return {
    stage,
    since: new Date(entered(stage) ?? startedAt).toISOString(),
    hasMoved: hasMoved(stage),
    fit: fitOf(ofCutover.find(({ event }) => event === "start")),
    integrity: integrity && integrityOf(integrity, judgedAt - integrity.beganAt > integrityMs),
    parity: parityOf(ofCutover.find(({ event, to }) => event === "advance" && to === "canary")),
    copiedWithinMs: copiedAt === undefined ? undefined : copiedAt - startedAt,
    forced: ofCutover.filter(wentOnWithClosedGates).map(forcedWords),
  };
}

function hasMoved(stage: string): boolean | undefined {
  if (stage === "source") return false;
  return stage === "target" || stage === "target-only" ? true : undefined;
}

function fitOf(start: HistoryEntry | undefined): CutoverFact | undefined {
  const kept = start && (evidenceOf(start) as StartEvidence | undefined);
  if (start === undefined || kept === undefined) return undefined;
  const { source, target, copy, problems } = kept.fit;
  const words = ({ type, dimension, similarityFunction }: typeof source) =>
    type === "SPARSE" ? type : `${type}, ${counted(dimension, "dimension")}, ${similarityFunction}`;
  const accepted = problems.length === 0 ? "" : " The operator accepted other ranks.";
  return {
    isGood: true,
    evidence: `The source was ${words(source)}; the target ${words(target)}; copies carry ${copy}.${accepted}`,
    measuredAt: new Date(start.at).toISOString(),
  };
}

function integrityOf(found: IntegrityEvidence, isOld: boolean): CutoverFact {
  const why = isOld ? "; that is too old" : isSufficient(found) ? "" : "; that is too little";
  return {
    isGood: !found.isGood ? false : why === "" ? true : undefined,
    evidence: `${comparedWords(found)}, ${counted(found.differences, "difference")}${why}.`,
    measuredAt: new Date(found.beganAt).toISOString(),
  };
}

function gatesOf(entry: HistoryEntry): readonly Gate[] {
  return (evidenceOf(entry) as { gates?: readonly Gate[] } | undefined)?.gates ?? [];
}

function parityOf(advance: HistoryEntry | undefined): CutoverFact | undefined {
  const gate = advance && gatesOf(advance).find(({ name }) => name === "comparison");
  if (advance === undefined || gate === undefined) return undefined;
  return {
    isGood: gate.isOpen ? true : undefined,
    evidence: `Shadow reads with the same matches in both stores: ${gate.has}.`,
    measuredAt: new Date(advance.at).toISOString(),
  };
}

function wentOnWithClosedGates(entry: HistoryEntry): boolean {
  return gatesOf(entry).some(({ isOpen }) => !isOpen);
}

function forcedWords(entry: HistoryEntry): string {
  const closed = gatesOf(entry).flatMap(({ isOpen, name }) => (isOpen ? [] : name));
  return `${describeChange(entry)} (closed: ${closed.join(", ")}): ${entry.reason}`;
}
