import { percent } from "../../evaluation/index.ts";
import type { Measured } from "./findings.ts";
import type { Finding, Outcome } from "./report.ts";

/** What the findings come to, and the sentence that says so. */
export function verdictOf(
  findings: readonly Finding[],
  { agreement, differences, k }: Measured,
): { outcome: Outcome; verdict: string } {
  const outcome = outcomeOf(findings);
  const overlap = agreement.overlap
    ? `The results share ${percent(agreement.overlap.mean)} of their first ${k} over ${agreement.queries} queries, and the first one in ${percent(agreement.sameTop)}.`
    : "No results could be compared.";
  const told = (kind: Finding["kind"]) =>
    findings
      .filter((finding) => finding.kind === kind)
      .map(({ evidence }) => evidence)
      .join("; ");
  switch (outcome) {
    case "fault":
      return { outcome, verdict: `A fault: ${told("fault")}. ${overlap}` };
    case "unfinished":
      return { outcome, verdict: `Not finished: ${told("unfinished")}. ${overlap}` };
    case "undecided":
      return { outcome, verdict: `Not decided: ${told("undecided")}. ${overlap}` };
    case "expected":
      return {
        outcome,
        verdict: `No fault, and other results: all ${(differences.atK.differing + differences.order.differing).toLocaleString("en")} differences are explained. ${overlap}`,
      };
    case "same":
      return { outcome, verdict: `The same but for ties: no fault. ${overlap}` };
  }
}

/** Findings that change no result. */
const harmless: readonly Finding["subject"][] = ["tie", "quality", "records"];

function outcomeOf(findings: readonly Finding[]): Outcome {
  for (const kind of ["fault", "unfinished", "undecided"] as const) {
    if (findings.some((finding) => finding.kind === kind)) return kind;
  }
  return findings.every(({ subject }) => harmless.includes(subject)) ? "same" : "expected";
}
