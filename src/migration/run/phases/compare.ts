import {
  compareTarget,
  comparisonRefusal,
  type TargetComparison,
  targetComparisonMarkdown,
  targetComparisonSummary,
} from "../comparison.ts";
import type { Phase, PhaseContext } from "../phase.ts";
import { ProgressMeter } from "../progress-meter.ts";
import { targetCount } from "./import.ts";

/** Asks both sides the same, and tells faults from differences that the migration brings with it. */
export const comparePhase: Phase = {
  name: "compare",
  leftOut: unanswered,
  inputs: async (context) => {
    const { source, target, joinFingerprint, questions } = context.migration;
    return [
      source.place,
      source.fingerprint ?? "live",
      joinFingerprint,
      target.place,
      await targetCount(context),
      questions?.fingerprint ?? null,
    ];
  },
  async run({ migration, reference, signal, emit }) {
    const meter = () => new ProgressMeter((event) => emit({ ...event, phase: "compare" }));
    const meters = { texts: meter(), queries: meter(), records: meter(), questions: meter() };
    const comparison = await compareTarget(migration, reference, {
      signal,
      onProgress: (step, done, total) => meters[step].update(done, total),
    });
    const refusal = comparisonRefusal(comparison);
    return {
      summary: targetComparisonSummary(comparison),
      facts: factsOf(comparison),
      markdown: targetComparisonMarkdown(comparison),
      ...(refusal && { refusal }),
    };
  },
};

/** Why nothing can be asked of the two sides; `undefined` where something can. */
export function unanswered({ migration, outcomeOf }: PhaseContext): string | undefined {
  if (migration.target.dumpDirectory !== undefined) return "a dump answers no queries";
  const checked = outcomeOf("check")?.facts as { recordCount: number } | undefined;
  return checked?.recordCount === 0 ? "there are no records to ask by" : undefined;
}

/** The texts of records stay out of what is kept. */
function factsOf({ agreement, ...rest }: TargetComparison): object {
  if (!agreement) return rest;
  const { worst, ...report } = agreement;
  return { ...report, worst: worst.map(({ label: _, ...query }) => query), ...rest };
}
