import { join } from "node:path";
import type { OpenMigration } from "../../composition/endpoints/migration.ts";
import {
  adviceFor,
  openMigrationLedger,
  ProgressMeter,
  verifySummary,
  verifyTarget,
} from "../../migration/run/index.ts";
import {
  type CatchUpEvent,
  catchUp,
  catchUpMarkdown,
  repairMarkdown,
  repairRecords,
  verifyMarkdown,
} from "../../migration/verify/index.ts";
import type { CommandContext } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { displayRun } from "../migration-display.ts";
import { type MigrationValues, withMigration } from "../migration-options.ts";
import type { Terminal } from "../terminal.ts";

/** Compares every record both ways; exit code 1 if anything differs. Nothing is written. */
export async function verifyMigration(values: MigrationValues, context: CommandContext): Promise<number> {
  const { terminal, signal } = context;
  return await withMigration(values, context, async (migration) => {
    const report = await verifyTarget(migration, {
      signal,
      onEvent: displayVerification(terminal, values.json ?? false),
    });
    if (values.json) terminal.jsonLine({ type: "verify-end", report });
    else {
      terminal.block(verifyMarkdown(report));
      if (!report.isPassed) {
        terminal.note(`${verifySummary(report)}. ${adviceFor(report, migration)}`);
      }
    }
    return report.isPassed ? exitCodes.done : exitCodes.failed;
  });
}

/** Writes again what differs; exit code 1 if something still differs. */
export async function repairMigration(values: MendValues, context: CommandContext): Promise<number> {
  return await mend(values, context, async (options) => {
    const report = await repairRecords(options);
    const { isIdentical, isPassed } = report;
    return { type: "repair-end", isIdentical, isPassed, report, markdown: repairMarkdown(report) };
  });
}

/** Writes what changed in the source meanwhile, round after round. */
export async function catchUpMigration(values: MendValues, context: CommandContext): Promise<number> {
  return await mend(values, context, async (options) => {
    const report = await catchUp(options);
    const { isIdentical, isPassed } = report;
    return { type: "catch-up-end", isIdentical, isPassed, report, markdown: catchUpMarkdown(report) };
  });
}

type MendValues = MigrationValues & { readonly "delete-extras"?: boolean };

type MendOptions = Parameters<typeof catchUp>[0];

interface Mended {
  readonly type: string;
  readonly isIdentical: boolean;
  readonly isPassed: boolean;
  readonly report: object;
  readonly markdown: string;
}

/** Holds the ledger while it writes: two repairs at once would undo each other's work. */
async function mend(
  values: MendValues,
  context: CommandContext,
  action: (options: MendOptions) => Promise<Mended>,
): Promise<number> {
  const { terminal, signal } = context;
  const { json = false, "delete-extras": deleteExtras = false } = values;
  return await withMigration(values, context, async (migration: OpenMigration) => {
    const ledger = await openMigrationLedger(migration, signal);
    try {
      const target = await migration.openTarget("write");
      try {
        const { markdown, ...result } = await action({
          source: migration.wanted,
          target,
          settings: {
            template: migration.template,
            deleteExtras,
            differencesFile: join(migration.directory, "differences.jsonl"),
          },
          wasWritten: (id) => ledger.holds(id),
          signal,
          onEvent: displayVerification(terminal, json),
        });
        if (json) terminal.jsonLine(result);
        else terminal.block(markdown);
        return result.isPassed ? exitCodes.done : exitCodes.failed;
      } finally {
        await target.close();
      }
    } finally {
      ledger.close();
    }
  });
}

function displayVerification(terminal: Terminal, asJson: boolean): (event: CatchUpEvent) => void {
  const emit = displayRun(terminal, asJson);
  const meters = {
    records: new ProgressMeter((event) => emit({ ...event, phase: "verify" })),
    extras: new ProgressMeter((event) => emit({ ...event, phase: "verify" })),
  };
  return (event) => {
    if (event.type === "verify-progress") meters[event.phase].update(event.done, event.total);
    else if (event.type === "verify-mismatch") emit({ ...event, phase: "verify" });
    else if (asJson) terminal.jsonLine(event);
  };
}
