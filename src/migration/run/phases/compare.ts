import {
  type ComparisonReport,
  compare,
  comparisonMarkdown,
  selfRetrieval,
  selfRetrievalMarkdown,
} from "../../compare/index.ts";
import type { OpenTarget } from "../migration.ts";
import type { Phase, PhaseContext, PhaseOutcome } from "../phase.ts";
import { ProgressMeter } from "../progress-meter.ts";
import { comparisonObstacle, comparisonQueries } from "../queries.ts";
import { sectionOf } from "../section.ts";
import { targetCount } from "./import.ts";

/** Asks both sides the same, and tells faults from differences that the migration brings with it. */
export const comparePhase: Phase = {
  name: "compare",
  leftOut: unanswered,
  inputs: async (context) => {
    const { source, target, joinFingerprint } = context.migration;
    return [
      source.place,
      source.fingerprint ?? "live",
      joinFingerprint,
      target.place,
      await targetCount(context),
    ];
  },
  async run(context) {
    const target = await context.migration.openTarget("read");
    try {
      const obstacle = comparisonObstacle(context);
      if (target.embedding === "target") {
        const own = await retrieveThemselves(context, target);
        if (own.refusal || obstacle !== undefined) return own;
      }
      return await compareBoth(context, target);
    } finally {
      await target.close();
    }
  },
};

/** Why nothing can be asked of the two sides; `undefined` where something can. */
export function unanswered({ migration, outcomeOf }: PhaseContext): string | undefined {
  if (migration.target.dumpDirectory !== undefined) return "a dump answers no queries";
  const checked = outcomeOf("check")?.facts as { recordCount: number } | undefined;
  return checked?.recordCount === 0 ? "there are no records to ask by" : undefined;
}

async function compareBoth(context: PhaseContext, target: OpenTarget): Promise<PhaseOutcome> {
  const { signal, emit } = context;
  const source = await context.reference();
  const meters = {
    queries: new ProgressMeter((event) => emit({ ...event, phase: "compare" })),
    records: new ProgressMeter((event) => emit({ ...event, phase: "compare" })),
  };
  const sampled = await comparisonQueries(source, target, signal);
  // Who encrypts the dump does not want its texts in the report.
  const { dumpKey } = context.migration;
  const queries = dumpKey ? sampled.map((query) => ({ ...query, label: query.id })) : sampled;
  const report = await compare({
    source,
    target,
    queries,
    ...(target.embedding === "carried" && { vectors: "carried" }),
    signal,
    onProgress: ({ step, done, total }) => meters[step].update(done, total),
  });
  return {
    summary: report.verdict,
    facts: withoutQueries(report),
    markdown: sectionOf(comparisonMarkdown(report)),
    ...refusalOf(report),
  };
}

function refusalOf({ outcome, verdict, findings }: ComparisonReport): Pick<PhaseOutcome, "refusal"> {
  if (outcome === "fault") {
    const advice = findings.find(({ kind }) => kind === "fault")?.advice;
    return { refusal: { found: verdict, advice: advice ?? "Look at the findings in the report." } };
  }
  if (outcome !== "unfinished") return {};
  return {
    refusal: { found: verdict, advice: "Wait until the target has indexed, then run this command again." },
  };
}

/** The texts of queries stay out of what is kept. */
function withoutQueries({ worst, ...report }: ComparisonReport): object {
  return { ...report, worst: worst.map(({ label: _, ...query }) => query) };
}

/** Each record of a target that embeds ought to be found by its own text (MIG-7). */
async function retrieveThemselves(context: PhaseContext, target: OpenTarget): Promise<PhaseOutcome> {
  const { signal, emit } = context;
  const meter = new ProgressMeter((event) => emit({ ...event, phase: "compare" }));
  const report = await selfRetrieval(target, {
    signal,
    onProgress: (done, total) => meter.update(done, total),
  });
  const obstacle = comparisonObstacle(context);
  const share = (100 * report.rateAtK).toFixed(1);
  return {
    summary: `${share} % of ${report.checked} records are found by their own text${obstacle === undefined ? "" : "; the source was not asked"}`,
    facts: { selfRetrieval: report, ...(obstacle !== undefined && { notCompared: obstacle }) },
    markdown: [
      sectionOf(selfRetrievalMarkdown(report)),
      ...(obstacle === undefined ? [] : ["", `Not compared with the source: ${obstacle}.`]),
    ].join("\n"),
    ...(!report.isSound && {
      refusal: {
        found: "Records are not found by their own text, and nothing explains it.",
        advice: "Look at the misses in the report; ragfood doctor tells which model the index has.",
      },
    }),
  };
}
