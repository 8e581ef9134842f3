import { join } from "node:path";
import { counted } from "../../../counted.ts";
import { verifyMarkdown, verifyRecords } from "../../verify/index.ts";
import type { Phase } from "../phase.ts";
import { ProgressMeter } from "../progress-meter.ts";
import { sectionOf } from "../section.ts";
import { targetCount } from "./import.ts";

/** Compares every record of the source itself with the target, and every id of the target with the source. */
export const verifyPhase: Phase = {
  name: "verify",
  inputs: async (context) => {
    const { migration } = context;
    const { recordCount } = await migration.source.records.describe({ signal: context.signal });
    const { source, joinFingerprint, template = null } = migration;
    return [
      source.place,
      source.fingerprint ?? "live",
      recordCount,
      joinFingerprint,
      template,
      await targetCount(context),
    ];
  },
  async run(context) {
    const { migration, signal, emit } = context;
    const differencesFile = join(migration.directory, "differences.jsonl");
    const meters = {
      records: new ProgressMeter((event) => emit({ ...event, phase: "verify" })),
      extras: new ProgressMeter((event) => emit({ ...event, phase: "verify" })),
    };
    const target = await migration.openTarget("read");
    try {
      const report = await verifyRecords({
        source: migration.wanted,
        target,
        settings: { template: migration.template, differencesFile },
        signal,
        onEvent: (event) => {
          if (event.type === "verify-progress") meters[event.phase].update(event.done, event.total);
          else emit({ ...event, phase: "verify" });
        },
      });
      const { isIdentical, equalCount, differenceCount, sourceChange } = report;
      return {
        summary: isIdentical
          ? `identical: ${counted(equalCount, "record")}, both ways`
          : `${counted(differenceCount, "difference")}; ${counted(equalCount, "record")} equal`,
        facts: report,
        markdown: sectionOf(verifyMarkdown(report)),
        ...(!isIdentical && {
          refusal: {
            found: sourceChange ?? `${counted(differenceCount, "difference")}; all are in ${differencesFile}`,
            advice:
              sourceChange === undefined
                ? "ragfood migrate repair, with the same --from and --to, writes again what differs; then run this command again."
                : "ragfood migrate catch-up, with the same --from and --to, brings over what was written meanwhile; then run this command again.",
          },
        }),
      };
    } finally {
      await target.close();
    }
  },
};
