import { type BenchReport, benchMarkdown } from "../../bench/index.ts";
import { measureSides, missedObjectives } from "../measurement.ts";
import type { Phase } from "../phase.ts";
import { ProgressMeter } from "../progress-meter.ts";
import { comparisonObstacle } from "../queries.ts";
import { sectionOf } from "../section.ts";
import { unanswered } from "./compare.ts";
import { targetCount } from "./import.ts";

/** Measures both sides in one run, against FR-004. */
export const benchPhase: Phase = {
  name: "bench",
  leftOut: (context) => unanswered(context) ?? comparisonObstacle(context.migration),
  inputs: async (context) => {
    const { source, target } = context.migration;
    return [source.place, source.fingerprint ?? "live", target.place, await targetCount(context)];
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
        refusal: {
          found: `The target misses its objectives: ${missed}.`,
          advice:
            "Look at the machine's load and the way to the index, then run this command again: it measures anew.",
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
    : `target alone ${figures(target)}; ${calls} calls`;
}
