import { percent } from "../../evaluation/index.ts";
import type { FindingLevel } from "../../foundation/finding.ts";
import { counted } from "../../foundation/plural.ts";
import type { Cause } from "./cause.ts";
import type { ComparisonFinding, ComparisonReport } from "./report.ts";
import type { SideName } from "./side.ts";

/** The report without its conclusions. */
export type Measured = Omit<ComparisonReport, "outcome" | "verdict" | "findings">;

/** What speaks for or against the target, faults first. */
export function findingsOf(measured: Measured): ComparisonFinding[] {
  const findings = [
    ...queryFindings(measured),
    ...metricFindings(measured),
    ...recallFindings(measured),
    ...causeFindings(measured),
    ...qualityFindings(measured),
  ];
  const order = Object.keys(levels);
  return findings.sort((left, right) => order.indexOf(left.outcome) - order.indexOf(right.outcome));
}

const levels: Readonly<Record<ComparisonFinding["outcome"], FindingLevel>> = {
  fault: "problem",
  unfinished: "warning",
  undecided: "warning",
  expected: "fact",
};

function finding(
  code: ComparisonFinding["code"],
  outcome: ComparisonFinding["outcome"],
  message: string,
  hint?: string,
): ComparisonFinding {
  return { code, level: levels[outcome], outcome, message, ...(hint !== undefined && { hint }) };
}

function queryFindings({ sides, agreement }: Measured): ComparisonFinding[] {
  const failed = (["source", "target"] as const).flatMap((name): ComparisonFinding[] => {
    const { failures, failureMessages } = sides[name];
    if (failures === 0) return [];
    return [
      finding(
        "queries",
        "fault",
        `${failures.toLocaleString("en")} ${failures === 1 ? "query" : "queries"} failed on the ${name}: ${failureMessages.join("; ")}`,
      ),
    ];
  });
  const pending = (["target", "source"] as const).flatMap((name): ComparisonFinding[] => {
    const { pendingCount } = sides[name].info;
    if (pendingCount === 0) return [];
    return [
      finding(
        `${name}-indexing`,
        "unfinished",
        `${counted(pendingCount, "record")} of the ${name} not yet found by queries`,
        "Wait until `ragfood info` shows no pending records, then compare again.",
      ),
    ];
  });
  if (agreement.queries > 0) return [...failed, ...pending];
  return [...failed, ...pending, finding("queries", "undecided", "no query was answered by both sides")];
}

/** An index whose answers follow another metric than it declares was created or read wrongly. */
function metricFindings({ sides }: Measured): ComparisonFinding[] {
  return (["source", "target"] as const).flatMap((name): ComparisonFinding[] => {
    const { info, metricInEffect } = sides[name];
    if (metricInEffect === undefined || metricInEffect === info.similarityFunction) return [];
    return [
      finding(
        "metric-declared",
        name === "target" ? "fault" : "undecided",
        `the ${name} declares ${info.similarityFunction} and answers by ${metricInEffect}`,
      ),
    ];
  });
}

/** How many of its exact neighbours the target returns; if they are not known, what else shows it. */
function recallFindings(measured: Measured): ComparisonFinding[] {
  const { exactRecall: recall, exactTop: top, info } = measured.sides.target;
  if (!recall || top === undefined) return inexactFindings(measured);
  if (info.pendingCount > 0) return [];
  const { thresholds, k } = measured;
  const low = [
    recall.mean < thresholds.meanRecall &&
      `mean recall@${k} ${percent(recall.mean)} (at least ${percent(thresholds.meanRecall, 0)})`,
    recall.median < thresholds.medianRecall &&
      `median ${percent(recall.median)} (at least ${percent(thresholds.medianRecall, 0)})`,
    top < thresholds.topAgreement &&
      `first result right in ${percent(top)} (at least ${percent(thresholds.topAgreement, 0)})`,
  ].filter((text) => text !== false);
  if (low.length === 0) return [];
  const message = `the target measured against its exact neighbours: ${low.join(", ")}`;
  return [finding("recall", "fault", message)];
}

/** Without exact neighbours the source is the reference, except for explained differences. */
function inexactFindings(measured: Measured): ComparisonFinding[] {
  const { relation, judged, agreement, differences, thresholds } = measured;
  if (relation === "re-embedded") {
    if (judged || agreement.queries === 0) return [];
    return [
      finding(
        "evidence",
        "undecided",
        "the sides embed differently, so that other results are expected, and nothing shows whether they are as good",
        `Known questions show it: name them with --queries FILE.${chanceOf(measured)}`,
      ),
    ];
  }
  const { places, byCause } = differences.atTop;
  const share = (byCause.unexplained ?? 0) / Math.max(1, places);
  if (share <= 1 - thresholds.topAgreement) return [];
  const message = `the first result differs without a reason in ${percent(share)} (at most ${percent(1 - thresholds.topAgreement, 0)})`;
  return [finding("recall", "fault", message)];
}

/** Two rankings that have nothing to do with each other share k of the n - 1 records by chance, on average. */
function chanceOf({ k, sides }: Measured): string {
  const others = sides.target.recordCount - 1;
  return others <= k ? "" : ` By chance the first ${k} would share ${percent(k / others)}.`;
}

/** The meaning of each cause, and whether a migration is expected to have it. */
const meanings: Readonly<
  Record<Cause, { readonly outcome: ComparisonFinding["outcome"]; readonly text: string }>
> = {
  records: { outcome: "fault", text: "the sides do not hold the same records" },
  "joined-metadata": { outcome: "expected", text: "the filter reads metadata that only the target has" },
  filter: { outcome: "fault", text: "the sides read the filter differently" },
  "source-indexing": { outcome: "unfinished", text: "the source had not indexed it yet" },
  "target-indexing": { outcome: "unfinished", text: "the target had not indexed it yet" },
  "source-search": { outcome: "expected", text: "the source's approximate search erred" },
  "target-search": { outcome: "expected", text: "the target's approximate search erred" },
  metric: { outcome: "expected", text: "both are right by their own metric" },
  model: { outcome: "expected", text: "both sides make their own vectors" },
  tie: { outcome: "expected", text: "equal within the accuracy of float32" },
  unexplained: { outcome: "fault", text: "nothing explains it" },
};

/** The meaning of a cause, as a reader sees it. */
export function meaningOf(cause: Cause): string {
  return meanings[cause].text;
}

function causeFindings(measured: Measured): ComparisonFinding[] {
  const { atK, order } = measured.differences;
  const causes = new Set([...Object.keys(atK.byCause), ...Object.keys(order.byCause)]) as Set<Cause>;
  return [...causes].map((cause) => {
    const count = atK.byCause[cause] ?? 0;
    const moved = order.byCause[cause] ?? 0;
    const share = (count + moved) / atK.places;
    const isAllowed = cause === "records" && measured.allowOtherRecords;
    const isTolerated = cause === "unexplained" && share <= measured.thresholds.unexplainedShare;
    const meaning = isTolerated
      ? `${meanings[cause].text}, which is within the ${percent(measured.thresholds.unexplainedShare, 0)} tolerated`
      : meanings[cause].text;
    const alone = moved > 0 ? ` and ${moved.toLocaleString("en")} in order only` : "";
    return finding(
      cause,
      isTolerated || isAllowed ? "expected" : meanings[cause].outcome,
      `${count.toLocaleString("en")} of ${atK.places.toLocaleString("en")} places differ${alone} (${percent(share)}): ${meaning}${detailOf(cause, measured)}`,
      adviceFor(cause, measured),
    );
  });
}

function detailOf(cause: Cause, { sides }: Measured): string {
  const recallOf = (name: SideName) => sides[name].exactRecall?.mean;
  const searched = cause === "source-search" ? "source" : cause === "target-search" ? "target" : undefined;
  if (searched) return ` (mean recall ${percent(recallOf(searched) ?? 0)} against its exact neighbours)`;
  if (cause !== "metric") return "";
  const norms = sides.source.norms;
  const lengths = norms
    ? `; vectors are ${norms.minimum.toFixed(2)} to ${norms.maximum.toFixed(2)} long`
    : "";
  return ` (${sides.source.metricInEffect} and ${sides.target.metricInEffect}${lengths})`;
}

function adviceFor(cause: Cause, { sides }: Measured): string | undefined {
  if (cause === "records") {
    return "Run ragfood migrate verify: it names every record that is missing, extra or altered.";
  }
  if (cause === "metric" && sides.source.metricInEffect) {
    return `For the same answers as before, create the target with ${sides.source.metricInEffect}.`;
  }
  if (cause === "model") return "Judged queries show which of the two answers better.";
  return undefined;
}

function qualityFindings({ judged, thresholds, relation }: Measured): ComparisonFinding[] {
  if (!judged) return [];
  const { source, target, test, interval, k, queries } = judged;
  const range = interval ? `, 95 % interval ${signed(interval.low)} to ${signed(interval.high)}` : "";
  const message = `nDCG@${k} ${source.toFixed(4)} on the source, ${target.toFixed(4)} on the target: ${signed(test.meanDifference)}${range}, p = ${test.pValue.toFixed(4)}, ${queries.toLocaleString("en")} judged ${queries === 1 ? "query" : "queries"}`;
  const isWorse = test.meanDifference < 0 && test.pValue < thresholds.significance;
  if (isWorse) return [finding("quality", "fault", message)];
  const mayBeWorse = (interval?.low ?? Number.NEGATIVE_INFINITY) < -thresholds.tolerableLoss;
  if (relation === "carried" || !mayBeWorse) return [finding("quality", "expected", message)];
  return [
    finding(
      "quality",
      "undecided",
      `${message}: a loss of more than ${thresholds.tolerableLoss} is not ruled out`,
      "More judged queries narrow the interval.",
    ),
  ];
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(4)}`;
}
