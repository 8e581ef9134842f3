import { type BenchReport, bench, benchMarkdown } from "../../bench/index.ts";
import type { Phase, PhaseContext } from "../phase.ts";
import { ProgressMeter } from "../progress-meter.ts";
import { comparisonObstacle, comparisonQueries } from "../queries.ts";
import { sectionOf } from "../section.ts";
import { unanswered } from "./compare.ts";
import { targetCount } from "./import.ts";

/** Measures both sides in one run, against FR-004. */
export const benchPhase: Phase = {
  name: "bench",
  leftOut: (context) => unanswered(context) ?? comparisonObstacle(context),
  inputs: async (context) => {
    const { source, target } = context.migration;
    return [source.place, source.fingerprint ?? "live", target.place, await targetCount(context)];
  },
  async run(context) {
    const { migration, signal, emit } = context;
    const source = await context.reference();
    const target = await migration.openTarget("read");
    const meter = new ProgressMeter((event) => emit({ ...event, phase: "bench" }));
    try {
      const report = await bench({
        source,
        target,
        queries: await comparisonQueries(source, target, signal),
        signal,
        onProgress: (done, total) => meter.update(done, total),
      });
      const missed = report.sides.target.verdicts.filter(({ outcome }) => outcome === "missed");
      return {
        summary: summaryOf(report),
        facts: report,
        markdown: [sectionOf(benchMarkdown(report)), ...note(context)].join("\n"),
        ...(missed.length > 0 && {
          refusal: {
            found: `The target misses its objectives: ${missed.map(({ objective }) => objective).join(", ")}.`,
            advice:
              "Look at the machine's load and the way to the index, then run this command again: it measures anew.",
          },
        }),
      };
    } finally {
      await target.close();
    }
  },
};

function summaryOf({ calls, sides: { source, target } }: BenchReport): string {
  const figures = ({ latency: { times } }: BenchReport["sides"]["source"]) =>
    times ? `${times.average.toFixed(1)} ms on average, p99 ${times.p99.toFixed(1)} ms` : "no answer";
  return `target ${figures(target)}; source ${figures(source)}; ${calls} calls each`;
}

function note({ migration: { source } }: PhaseContext): string[] {
  if (source.store !== undefined) return [];
  return [
    "",
    "The source is files: its side is an exact index of its vectors on this machine, not the application that it served.",
  ];
}
