import { CancelledError } from "../../../foundation/errors.ts";
import { DumpSource } from "../../dump/index.ts";
import { type ImportReport, importRecords } from "../../import/index.ts";
import { TransformedSource } from "../../transformed-source.ts";
import type { Phase, PhaseContext, PhaseOutcome } from "../phase.ts";
import { dumpDirectoryOf } from "./export.ts";

/** Brings the records of the dump into the target; the ledger knows which are there. */
export const importPhase: Phase = {
  name: "import",
  leftOut: ({ migration: { target } }) =>
    target.dumpDirectory === undefined ? undefined : "the target is a dump, and the export has written it",
  inputs: async (context) => {
    const { migration, outcomeOf } = context;
    const checked = outcomeOf("check")?.facts as { readonly contentHash: string } | undefined;
    return [
      checked?.contentHash,
      migration.joinFingerprint,
      migration.template ?? null,
      migration.target.place,
    ];
  },
  async run(context) {
    const { migration, ledger, signal, emit } = context;
    const dump = DumpSource.open(dumpDirectoryOf(context), migration.dumpKey);
    const joined = await migration.withJoin(dump);
    const { template } = migration;
    const target = await migration.openTarget("write");
    try {
      const report = await importRecords({
        source: new TransformedSource(joined, { embedding: target.embedding, template }),
        target,
        ledger,
        signal,
        onEvent: (event) => emit({ ...event, phase: "import" }),
      });
      return outcomeOf(report);
    } finally {
      await target.close();
      await joined.close();
    }
  },
};

/** @throws {CancelledError} */
function outcomeOf(report: ImportReport): PhaseOutcome {
  const { failure, acknowledged, skipped, sent, requests, retries, milliseconds } = report;
  if (failure instanceof CancelledError) throw failure;
  const count = (value: number) => value.toLocaleString("en");
  const rate = Math.round((1_000 * acknowledged) / Math.max(1, milliseconds));
  const summary = `${count(acknowledged)} records written, ${count(skipped)} were there; ${count(rate)} records/s`;
  const { failure: _, ...facts } = report;
  return {
    summary: failure ? `${report.outcome}: ${summary}` : summary,
    facts: { ...facts, ...(failure && { failure: failure.message }) },
    markdown: [
      `- Outcome: **${report.outcome}**`,
      `- Written in the last run: ${count(acknowledged)} of ${count(report.total)}; there before: ${count(skipped)}`,
      `- Sent: ${count(sent)} records in ${count(requests)} requests, ${count(retries)} sent again`,
      `- ${(milliseconds / 1_000).toFixed(1)} s, ${count(rate)} records/s`,
    ].join("\n"),
    ...(failure && {
      refusal: {
        found: failure.message,
        advice: failure.hint ?? "Run the same command again: it goes on where it stopped.",
      },
    }),
  };
}

/** The records of the target's namespace, which tell whether it was changed since. */
export async function targetCount({ migration }: PhaseContext): Promise<number> {
  const target = await migration.openTarget("read");
  try {
    const { namespaces } = await target.store.info();
    return namespaces[target.namespace] ?? 0;
  } finally {
    await target.close();
  }
}
