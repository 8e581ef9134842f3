import { join } from "node:path";
import { counted } from "../../../foundation/plural.ts";
import type { CallOptions } from "../../../store/store.ts";
import { openDump } from "../../dump/index.ts";
import { type VerifyOptions, type VerifyReport, verifyMarkdown, verifyRecords } from "../../verify/index.ts";
import type { Migration } from "../migration.ts";
import type { Phase, PhaseContext } from "../phase.ts";
import { ProgressMeter } from "../progress-meter.ts";
import { sectionOf } from "../section.ts";
import { verifyDump } from "../verify-dump.ts";
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
      await targetState(context),
    ];
  },
  async run(context) {
    const { migration, signal, emit } = context;
    const differencesFile = join(migration.directory, "differences.jsonl");
    const meters = {
      records: new ProgressMeter((event) => emit({ ...event, phase: "verify" })),
      extras: new ProgressMeter((event) => emit({ ...event, phase: "verify" })),
    };
    const report = await verifyTarget(migration, {
      differencesFile,
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
          advice: adviceFor(migration, sourceChange !== undefined),
        },
      }),
    };
  },
};

/** What the target is like, as far as a count or a checksum tells; it changes when somebody else writes to it. */
async function targetState(context: PhaseContext): Promise<number | string> {
  const { migration } = context;
  const { dumpDirectory } = migration.target;
  return dumpDirectory === undefined
    ? await targetCount(context)
    : openDump(dumpDirectory, migration.dumpKey).checksum;
}

function adviceFor({ target: { dumpDirectory } }: Migration, hasSourceChanged: boolean): string {
  if (dumpDirectory !== undefined) {
    return "A dump is never written over: move this one away, or name another directory, then run this command again.";
  }
  return hasSourceChanged
    ? "ragfood migrate catch-up, with the same --from and --to, brings over what was written meanwhile; then run this command again."
    : "ragfood migrate repair, with the same --from and --to, writes again what differs; then run this command again.";
}

/**
 * Compares every record of the source with the target of a migration, whatever that is, and every id back.
 *
 * @throws {CancelledError}
 * @throws {ServiceError | StorageError | DataError} when either side cannot be read
 */
export async function verifyTarget(
  migration: Migration,
  options: CallOptions & Pick<VerifyOptions, "onEvent"> & { readonly differencesFile?: string },
): Promise<VerifyReport> {
  const { wanted: source, dumpKey } = migration;
  const { dumpDirectory: directory } = migration.target;
  const { differencesFile, ...rest } = options;
  if (directory !== undefined) {
    return await verifyDump({ ...options, source, directory, ...(dumpKey && { key: dumpKey }) });
  }
  const target = await migration.openTarget("read");
  try {
    const settings = { template: migration.template, differencesFile };
    return await verifyRecords({ ...rest, source, target, settings });
  } finally {
    await target.close();
  }
}
