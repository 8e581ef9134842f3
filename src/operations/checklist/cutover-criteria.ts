import { durationText } from "../../foundation/duration-text.ts";
import { type Criterion, type Judgement, longestMigrationMs, sentence, unknown } from "./criterion.ts";
import type { CutoverFact, CutoverFacts } from "./cutover-facts.ts";

/** The criteria of a migration, answered by the cutover. The objectives of the service show the target's speed. */
export function movedByCutover({ parity, copiedWithinMs, since }: CutoverFacts): Criterion[] {
  return [
    {
      id: "parity",
      title: "Feature parity: both stores find the same matches",
      command: "ragfood cutover advance",
      ...ofFact(parity, "No shadow reads are recorded: they are at the advance to canary."),
    },
    {
      id: "time",
      title: "Time taken: less than 4 hours until the target holds every record",
      command: "ragfood cutover advance",
      ...(copiedWithinMs === undefined
        ? { ...unknown("The target is not known to hold every record."), measuredAt: since }
        : {
            result: copiedWithinMs < longestMigrationMs ? "pass" : "fail",
            evidence: `At most ${durationText(copiedWithinMs)} from the start to the stage shadow-read.`,
            measuredAt: since,
          }),
    },
  ];
}

export function cutoverCriteria({
  stage,
  since,
  hasMoved,
  fit,
  integrity: found,
  forced,
}: CutoverFacts): Criterion[] {
  return [
    {
      id: "cutover-fit",
      title: "Cutover: the records of the source fit into the target",
      command: "ragfood cutover start",
      ...ofFact(fit, "The start did not record what both stores were."),
    },
    {
      id: "cutover-integrity",
      title: "Cutover: both stores hold the same records",
      command: "ragfood cutover verify",
      ...ofFact(found, "The stores were not compared since the start."),
    },
    {
      id: "cutover-gates",
      title: "Cutover: no stage was entered with closed gates",
      command: "ragfood cutover history",
      result: forced.length === 0 ? "pass" : "fail",
      evidence: sentence(forced.length === 0 ? "None was." : forced.join("; ")),
      measuredAt: since,
    },
    {
      id: "cutover-stage",
      title: "Cutover: the target leads",
      command: hasMoved === false ? "ragfood cutover history" : "ragfood cutover advance",
      result: hasMoved === undefined ? "unknown" : hasMoved ? "pass" : "fail",
      evidence: hasMoved === false ? "It was rolled back: the source leads." : `The stage is ${stage}.`,
      measuredAt: since,
    },
  ];
}

function ofFact(fact: CutoverFact | undefined, missing: string): Judgement {
  if (fact === undefined) return unknown(missing);
  const { isGood, evidence, measuredAt } = fact;
  return {
    result: isGood === undefined ? "unknown" : isGood ? "pass" : "fail",
    evidence: sentence(evidence),
    measuredAt,
  };
}
