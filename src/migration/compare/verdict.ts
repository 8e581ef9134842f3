import { percent } from "../../evaluation/index.ts";
import type { Cause } from "./cause.ts";
import { type Measured, meaningOf } from "./findings.ts";
import type { ComparisonFinding, Outcome } from "./report.ts";

/** The conclusion from the findings, and one sentence for it. */
export function verdictOf(
  findings: readonly ComparisonFinding[],
  { agreement, differences, k }: Measured,
): { outcome: Outcome; verdict: string } {
  const outcome = outcomeOf(findings);
  const overlap = agreement.overlap
    ? `The results share ${percent(agreement.overlap.mean)} of their first ${k} over ${agreement.queries.toLocaleString("en")} ${agreement.queries === 1 ? "query" : "queries"}, and the first one in ${percent(agreement.sameTop)}.`
    : "No results could be compared.";
  const messagesOf = (wanted: Outcome) =>
    findings.flatMap(({ outcome: other, message }) => (other === wanted ? [message] : [])).join("; ");
  switch (outcome) {
    case "fault":
      return { outcome, verdict: `A fault: ${messagesOf("fault")}. ${overlap}` };
    case "unfinished":
      return { outcome, verdict: `Not finished: ${messagesOf("unfinished")}. ${overlap}` };
    case "undecided":
      return { outcome, verdict: `Not decided: ${messagesOf("undecided")}. ${overlap}` };
    case "expected":
      return { outcome, verdict: `No fault, and other results: ${causesOf(differences)}. ${overlap}` };
    case "same":
      return { outcome, verdict: `The same but for ties: no fault. ${overlap}` };
  }
}

/** The main cause, for a reader who wants to know why; the report has all of them with figures. */
function causesOf({ atK, order }: Measured["differences"]): string {
  const counts = new Map<Cause, number>();
  for (const { byCause } of [atK, order]) {
    for (const [cause, count] of Object.entries(byCause) as [Cause, number][]) {
      counts.set(cause, (counts.get(cause) ?? 0) + count);
    }
  }
  const [first] = [...counts].sort((left, right) => right[1] - left[1]);
  return first ? `mostly ${meaningOf(first[0])}` : "see the findings";
}

/** Findings that change no result. */
const harmless: readonly ComparisonFinding["code"][] = ["tie", "quality"];

function outcomeOf(findings: readonly ComparisonFinding[]): Outcome {
  for (const outcome of ["fault", "unfinished", "undecided"] as const) {
    if (findings.some((finding) => finding.outcome === outcome)) return outcome;
  }
  return findings.every(({ code }) => harmless.includes(code)) ? "same" : "expected";
}
