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
  const recordsDiffer = findings.some(({ subject, kind }) => subject === "records" && kind === "fault");
  const told = (kind: Finding["kind"]) =>
    findings
      .filter(
        (finding) => finding.kind === kind && !(recordsDiffer && consequences.includes(finding.subject)),
      )
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
      return { outcome, verdict: `No fault, and other results: ${explained(differences)}. ${overlap}` };
    case "same":
      return { outcome, verdict: `The same but for ties: no fault. ${overlap}` };
  }
}

function explained({ atK, order }: Measured["differences"]): string {
  const all = atK.differing + order.differing;
  const open = (atK.byCause.unexplained ?? 0) + (order.byCause.unexplained ?? 0);
  if (open === 0) return `all ${all.toLocaleString("en")} differences are explained`;
  return `${(all - open).toLocaleString("en")} of ${all.toLocaleString("en")} differences are explained, the rest are few enough`;
}

/** What records that differ do to results: told with the findings, and implied in the verdict. */
const consequences: readonly Finding["subject"][] = [
  "missing-record",
  "extra-record",
  "altered-record",
  "displaced",
];

/** Findings that change no result. */
const harmless: readonly Finding["subject"][] = ["tie", "quality", "records"];

function outcomeOf(findings: readonly Finding[]): Outcome {
  for (const kind of ["fault", "unfinished", "undecided"] as const) {
    if (findings.some((finding) => finding.kind === kind)) return kind;
  }
  return findings.every(({ subject }) => harmless.includes(subject)) ? "same" : "expected";
}
