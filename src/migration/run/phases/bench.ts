import { type BenchReport, benchMarkdown } from "../../bench/index.ts";
import { ProgressMeter } from "../../progress-meter.ts";
import type { VerifyReport } from "../../verify/index.ts";
import { measureSides, missedObjectives } from "../measurement.ts";
import type { Phase } from "../phase.ts";
import { comparisonObstacle } from "../queries.ts";
import { sectionOf } from "../section.ts";
import { noRecords } from "./compare.ts";

/** Measures both sides in one run, against MIG-10. */
export const benchPhase: Phase = {
  name: "bench",
  skipped: (context) => noRecords(context) ?? comparisonObstacle(context.migration),
  inputs: async ({ migration: { source, target }, outcomeOf }) => {
    const verified = outcomeOf("verify")?.facts as VerifyReport | undefined;
    return [source.place, source.fingerprint ?? "live", target.place, verified?.contentHashes];
  },
  async run({ migration, reference, signal, emit }) {
    const meter = new ProgressMeter((event) => emit({ ...event, phase: "bench" }));
    const { report, notes } = await measureSides(migration, reference, {
      signal,
      onProgress: (done, total) => meter.update(done, total),
    });
    const missed = missedObjectives(report);
    return {
      summary: summaryOf(report),
      facts: report,
      markdown: [sectionOf(benchMarkdown(report)), ...notes].join("\n\n"),
      ...(missed !== undefined && {
        gateFailure: {
          found: `The target misses its objectives: ${missed}.`,
          advice:
            "Check the load of the machine and the network to the index, then run this command again: it measures again.",
        },
      }),
    };
  },
};

function summaryOf({ calls, sides: { source, target } }: BenchReport): string {
  const figures = ({ latency: { times } }: BenchReport["sides"]["target"]) =>
    times ? `${times.average.toFixed(1)} ms on average, p99 ${times.p99.toFixed(1)} ms` : "no answer";
  return source
    ? `target ${figures(target)}; source ${figures(source)}; ${calls} calls each`
    : `target ${figures(target)}; ${calls} calls`;
}
