import { type Finding, findingText } from "../../../foundation/finding.ts";
import { counted } from "../../../foundation/plural.ts";
import { joinMarkdown } from "../../join/index.ts";
import { HeldRecords, ledgerFile } from "../../ledger/index.ts";
import { ProgressMeter } from "../../progress-meter.ts";
import {
  type DumpPlan,
  dumpPlanMarkdown,
  type Plan,
  type PlanEvent,
  planDump,
  planMarkdown,
  planMigration,
} from "../../survey/index.ts";
import { LayoutWatch } from "../layout-watch.ts";
import type { Phase, PhaseContext } from "../phase.ts";
import { sectionOf } from "../section.ts";

/** States what the migration would do, and what prevents it. */
export const planPhase: Phase = {
  name: "plan",
  inputs: async ({ migration, signal }) => {
    const { source, target, changesFingerprint, template = null, planning } = migration;
    const { recordCount } = await source.records.describe({ signal });
    const { type, dimension, similarityFunction, embeddingModel } = target.info;
    return [
      [source.place, source.fingerprint ?? "live", recordCount, changesFingerprint],
      [target.place, target.namespace, target.embedding, template],
      [type, dimension, similarityFunction, embeddingModel],
      planning,
    ];
  },
  async run(context) {
    const { plan, summary, markdown } = await makePlan(context);
    const join = context.migration.joinReport();
    for (const finding of plan.warnings) context.emit({ type: "finding", phase: "plan", ...finding });
    const [first] = plan.problems;
    return {
      summary,
      facts: { ...plan, ...(join && { join }) },
      markdown: [markdown, ...(join ? [joinMarkdown(join)] : [])].map(sectionOf).join("\n\n"),
      ...(first && {
        gateFailure: {
          found: plan.problems.map(findingText).join("\n"),
          advice: first.hint ?? "Correct it, then run the same command again.",
        },
      }),
    };
  },
};

/** A plan for programs and for people. */
interface MadePlan {
  readonly plan: Plan | DumpPlan;
  /** One sentence. */
  readonly summary: string;
  readonly markdown: string;
}

/** Reads the source once, and the description of the target; writes nothing. */
export async function makePlan({
  migration,
  signal,
  emit,
}: Pick<PhaseContext, "migration" | "signal" | "emit">): Promise<MadePlan> {
  const meter = new ProgressMeter((event) => emit({ ...event, phase: "plan" }));
  const onEvent = ({ done, total }: PlanEvent) => meter.update(done, total);
  const { wanted: source, template, storeEmbeds, planning, layout, target: design } = migration;
  if (design.kind === "dump") {
    const { directory } = design;
    const { dumpFormat: format } = migration;
    const { droppedKeys } = planning;
    const plan = await planDump({ source, directory, format, droppedKeys, signal, onEvent });
    return { plan, summary: summaryOf(plan, "vectors kept"), markdown: dumpPlanMarkdown(plan) };
  }
  const watch = new LayoutWatch(source);
  const held = new HeldRecords(ledgerFile(migration.stateDirectory, migration.name));
  const target = await migration.openTarget("read").catch((error: unknown) => {
    held.close();
    throw error;
  });
  try {
    const settings = { template, storeEmbeds, ...planning };
    const wrote = (id: string) => held.has(id);
    const made = await planMigration({ source: watch.source, target, settings, wrote, signal, onEvent });
    const plan = withWarning(made, layout === undefined ? watch.finding() : undefined);
    const how = plan.embedding === "carried" ? "vectors carried" : "the target embeds";
    return { plan, summary: summaryOf(plan, how), markdown: planMarkdown(plan) };
  } finally {
    held.close();
    await target.close();
  }
}

function withWarning(plan: Plan, finding: Finding | undefined): Plan {
  return finding ? { ...plan, warnings: [...plan.warnings, finding] } : plan;
}

function summaryOf({ sizes, problems, warnings }: Plan | DumpPlan, how: string): string {
  return `${counted(sizes.recordCount, "record")}, ${how}; ${counted(problems.length, "problem")}, ${counted(warnings.length, "warning")}`;
}
