import { join } from "node:path";
import type { OpenMigration } from "../../composition/endpoints/migration.ts";
import { openLedger, ProgressMeter, type RunEvent, verifyTarget } from "../../migration/run/index.ts";
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

/** Every record both ways; exit code 1 where anything differs. Nothing is written. */
export async function verifyMigration(
  values: MigrationValues & { readonly "delete-extras"?: boolean },
  context: CommandContext,
): Promise<number> {
  const { terminal, signal } = context;
  return await withMigration(values, context, async (migration) => {
    const report = await verifyTarget(migration, {
      signal,
      onEvent: displayVerification(terminal, values.json ?? false),
    });
    if (values.json) terminal.jsonLine({ type: "verify-end", report });
    else terminal.block(verifyMarkdown(report));
    return report.isIdentical ? exitCodes.done : exitCodes.failed;
  });
}

/** Writes again what differs; exit code 1 where something differs still. */
export async function repairMigration(
  values: MigrationValues & { readonly "delete-extras"?: boolean },
  context: CommandContext,
): Promise<number> {
  return await mend(values, context, async (options) => {
    const report = await repairRecords(options);
    const { isIdentical } = report;
    return { type: "repair-end", isIdentical, report, markdown: repairMarkdown(report) };
  });
}

/** Brings over what was written to the source meanwhile, round after round. */
export async function catchUpMigration(
  values: MigrationValues & { readonly "delete-extras"?: boolean },
  context: CommandContext,
): Promise<number> {
  return await mend(values, context, async (options) => {
    const report = await catchUp(options);
    const { isIdentical } = report;
    return { type: "catch-up-end", isIdentical, report, markdown: catchUpMarkdown(report) };
  });
}

type MendOptions = Parameters<typeof catchUp>[0];

interface Mended {
  readonly type: string;
  readonly isIdentical: boolean;
  readonly report: object;
  readonly markdown: string;
}

/** What writes to the target of a migration holds its ledger: two of them would undo each other's work. */
async function mend(
  values: MigrationValues & { readonly "delete-extras"?: boolean },
  context: CommandContext,
  action: (options: MendOptions) => Promise<Mended>,
): Promise<number> {
  const { terminal, signal } = context;
  const { json = false, "delete-extras": deleteExtras = false } = values;
  return await withMigration(values, context, async (migration: OpenMigration) => {
    const ledger = openLedger(migration);
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
        return result.isIdentical ? exitCodes.done : exitCodes.failed;
      } finally {
        await target.close();
      }
    } finally {
      ledger.close();
    }
  });
}

function displayVerification(terminal: Terminal, asJson: boolean): (event: CatchUpEvent) => void {
  const show = displayRun(terminal, asJson);
  const emit = (event: RunEvent) => show(event);
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
