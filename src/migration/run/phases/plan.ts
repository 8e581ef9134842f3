import { joinMarkdown } from "../../join/index.ts";
import { type Plan, planMarkdown, planMigration } from "../../plan/index.ts";
import type { Phase, PhaseContext } from "../phase.ts";
import { ProgressMeter } from "../progress-meter.ts";
import { sectionOf } from "../section.ts";

/** Says what the migration would do, and what stands against it. */
export const planPhase: Phase = {
  name: "plan",
  inputs: async ({ migration, signal }) => {
    const { source, target, joinFingerprint, template = null } = migration;
    const { recordCount } = await source.records.describe({ signal });
    const { type, dimension, similarityFunction, embeddingModel } = target.info;
    return [
      [source.place, source.fingerprint ?? "live", recordCount, joinFingerprint],
      [target.place, target.namespace, target.embedding, template],
      [type, dimension, similarityFunction, embeddingModel],
    ];
  },
  async run(context) {
    const plan = await makePlan(context);
    const join = context.migration.joinReport();
    const [first] = plan.problems;
    return {
      summary: summaryOf(plan),
      facts: { ...plan, ...(join && { join }) },
      markdown: [planMarkdown(plan), ...(join ? [joinMarkdown(join)] : [])].map(sectionOf).join("\n\n"),
      ...(first && {
        refusal: {
          found: plan.problems.map(({ message }) => message).join("\n"),
          advice: first.hint ?? "Correct it, then run the same command again.",
        },
      }),
    };
  },
};

/** Reads the source once, and of the target what it is; writes nothing. */
export async function makePlan({
  migration,
  signal,
  emit,
}: Pick<PhaseContext, "migration" | "signal" | "emit">): Promise<Plan> {
  const meter = new ProgressMeter((event) => emit({ ...event, phase: "plan" }));
  const target = await migration.openTarget("read");
  try {
    return await planMigration({
      source: migration.wanted,
      target,
      settings: { template: migration.template, storeEmbeds: migration.storeEmbeds },
      signal,
      onEvent: ({ done, total }) => meter.update(done, total),
    });
  } finally {
    await target.close();
  }
}

function summaryOf({ sizes, embedding, problems, warnings }: Plan): string {
  const how = embedding === "carried" ? "vectors carried" : "the target embeds";
  return `${sizes.recordCount.toLocaleString("en")} records, ${how}; ${problems.length} problems, ${warnings.length} warnings`;
}
