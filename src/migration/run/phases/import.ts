import { CancelledError } from "../../../foundation/errors.ts";
import { counted } from "../../../foundation/plural.ts";
import { DumpSource } from "../../dump/index.ts";
import { type ImportReport, importRecords } from "../../import/index.ts";
import { TransformedSource } from "../../transformed-source.ts";
import type { Phase, PhaseOutcome } from "../phase.ts";
import { checkedDump } from "./check.ts";
import { dumpDirectoryOf } from "./export.ts";

/** Writes the records of the dump to the target, except those that the ledger lists as written. */
export const importPhase: Phase = {
  name: "import",
  skipped: (context) =>
    checkedDump(context)?.recordCount === 0 ? "there are no records to import" : undefined,
  inputs: async (context) => {
    const { changesFingerprint, template = null, target } = context.migration;
    return [checkedDump(context)?.contentHash, changesFingerprint, template, target.place];
  },
  async run(context) {
    const { migration, ledger, signal, emit } = context;
    const dump = DumpSource.open(dumpDirectoryOf(context), migration.dumpKey);
    const wanted = await migration.withChanges(dump);
    const target = await migration.openTarget("write");
    try {
      const report = await importRecords({
        source: new TransformedSource(wanted, { embedding: target.embedding, template: migration.template }),
        target,
        ledger,
        skipRefused: migration.skipRefused,
        signal,
        onEvent: (event) => emit({ ...event, phase: "import" }),
      });
      return outcomeOf(report);
    } finally {
      await target.close();
      await wanted.close();
    }
  },
};

/** @throws {CancelledError} */
function outcomeOf(report: ImportReport): PhaseOutcome {
  const { failure, acknowledged, skipped, sent, requests, retries, milliseconds } = report;
  if (failure instanceof CancelledError) throw failure;
  const count = (value: number) => value.toLocaleString("en");
  const rate = Math.round((1_000 * acknowledged) / Math.max(1, milliseconds));
  const omitted = omittedText(report);
  const summary = `${count(acknowledged)} records written, ${count(skipped)} already there${omitted}; ${count(rate)} records/s`;
  const { failure: _, ...facts } = report;
  return {
    summary: failure ? `${report.outcome}: ${summary}` : summary,
    facts: { ...facts, ...(failure && { failure: failure.message }) },
    markdown: [
      `- Outcome: **${report.outcome}**`,
      `- Written in the last run: ${count(acknowledged)} of ${count(report.total)}; already there: ${count(skipped)}${omitted}`,
      `- Sent: ${count(sent)} records in ${count(requests)} requests, ${count(retries)} sent again`,
      `- ${(milliseconds / 1_000).toFixed(1)} s, ${count(rate)} records/s`,
    ].join("\n"),
    ...(failure && {
      gateFailure: {
        found: failure.message,
        advice: failure.hint ?? "Run the same command again: it continues where it stopped.",
      },
    }),
  };
}

/** `, left out on request: …`, or nothing. */
export function omittedText({
  omittedRecords: records,
  omittedFields: fields,
}: Pick<ImportReport, "omittedRecords" | "omittedFields">): string {
  if (records + fields === 0) return "";
  return `, left out on request: ${counted(records, "record")}, ${counted(fields, "field")}`;
}
