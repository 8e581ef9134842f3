import { findingText } from "../../../foundation/finding.ts";
import { counted } from "../../../foundation/plural.ts";
import { joinMarkdown } from "../../join/index.ts";
import {
  type DumpPlan,
  dumpPlanMarkdown,
  type Plan,
  type PlanEvent,
  planDump,
  planMarkdown,
  planMigration,
} from "../../survey/index.ts";
import type { Phase, PhaseContext } from "../phase.ts";
import { ProgressMeter } from "../progress-meter.ts";
import { sectionOf } from "../section.ts";

/** Says what the migration would do, and what stands against it. */
export const planPhase: Phase = {
  name: "plan",
  inputs: async ({ migration, signal }) => {
    const { source, target, joinFingerprint, template = null, planning } = migration;
    const { recordCount } = await source.records.describe({ signal });
    const { type, dimension, similarityFunction, embeddingModel } = target.info;
    return [
      [source.place, source.fingerprint ?? "live", recordCount, joinFingerprint],
      [target.place, target.namespace, target.embedding, template],
      [type, dimension, similarityFunction, embeddingModel],
      planning,
    ];
  },
  async run(context) {
    const { plan, summary, markdown } = await makePlan(context);
    const join = context.migration.joinReport();
    const [first] = plan.problems;
    return {
      summary,
      facts: { ...plan, ...(join && { join }) },
      markdown: [markdown, ...(join ? [joinMarkdown(join)] : [])].map(sectionOf).join("\n\n"),
      ...(first && {
        refusal: {
          found: plan.problems.map(findingText).join("\n"),
          advice: first.hint ?? "Correct it, then run the same command again.",
        },
      }),
    };
  },
};

/** A plan, as it is kept and as it is read. */
export interface MadePlan {
  readonly plan: Plan | DumpPlan;
  /** One sentence. */
  readonly summary: string;
  readonly markdown: string;
}

/** Reads the source once, and of the target what it is; writes nothing. */
export async function makePlan({
  migration,
  signal,
  emit,
}: Pick<PhaseContext, "migration" | "signal" | "emit">): Promise<MadePlan> {
  const meter = new ProgressMeter((event) => emit({ ...event, phase: "plan" }));
  const onEvent = ({ done, total }: PlanEvent) => meter.update(done, total);
  const { wanted: source } = migration;
  const { dumpDirectory: directory } = migration.target;
  if (directory !== undefined) {
    const plan = await planDump({ source, directory, format: migration.dumpFormat, signal, onEvent });
    return { plan, summary: summaryOf(plan, "vectors kept"), markdown: dumpPlanMarkdown(plan) };
  }
  const target = await migration.openTarget("read");
  try {
    const { template, storeEmbeds, planning } = migration;
    const plan = await planMigration({
      source,
      target,
      settings: { template, storeEmbeds, acceptMetricChange: true, ...planning },
      signal,
      onEvent,
    });
    const how = plan.embedding === "carried" ? "vectors carried" : "the target embeds";
    return { plan, summary: summaryOf(plan, how), markdown: planMarkdown(plan) };
  } finally {
    await target.close();
  }
}

function summaryOf({ sizes, problems, warnings }: Plan | DumpPlan, how: string): string {
  return `${counted(sizes.recordCount, "record")}, ${how}; ${counted(problems.length, "problem")}, ${counted(warnings.length, "warning")}`;
}
