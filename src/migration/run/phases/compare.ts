import { ProgressMeter } from "../../progress-meter.ts";
import type { VerifyReport } from "../../verify/index.ts";
import {
  compareTarget,
  comparisonFailure,
  type TargetComparison,
  targetComparisonMarkdown,
  targetComparisonSummary,
} from "../comparison.ts";
import type { Phase, PhaseContext } from "../phase.ts";
import { checkedDump } from "./check.ts";

/** Queries both sides every time, because only queries show that the target still finds its records. */
export const comparePhase: Phase = {
  name: "compare",
  skipped: noRecords,
  async run({ migration, reference, signal, emit, outcomeOf }) {
    const verified = outcomeOf("verify")?.facts as VerifyReport | undefined;
    const meter = () => new ProgressMeter((event) => emit({ ...event, phase: "compare" }));
    const meters = { own: meter(), queries: meter(), records: meter(), questions: meter() };
    const comparison = await compareTarget(migration, reference, {
      isVerified: verified?.isIdentical === true,
      signal,
      onProgress: (step, done, total) => meters[step].update(done, total),
    });
    const gateFailure = comparisonFailure(comparison);
    return {
      summary: targetComparisonSummary(comparison),
      facts: factsOf(comparison),
      markdown: targetComparisonMarkdown(comparison),
      ...(gateFailure && { gateFailure }),
    };
  },
};

export function noRecords(context: PhaseContext): string | undefined {
  return checkedDump(context)?.recordCount === 0 ? "there are no records to query with" : undefined;
}

/** Stored results do not contain the texts of records. */
function factsOf({ agreement, ...rest }: TargetComparison): object {
  if (!agreement) return rest;
  const { worst, ...report } = agreement;
  return { ...report, worst: worst.map(({ label: _, ...query }) => query), ...rest };
}
