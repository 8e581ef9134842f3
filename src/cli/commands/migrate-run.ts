import { counted } from "../../foundation/plural.ts";
import { importRecords } from "../../migration/import/index.ts";
import { exportTo, makePlan, openLedger, type RunResult, runMigration } from "../../migration/run/index.ts";
import { TransformedSource } from "../../migration/transformed-source.ts";
import type { CommandContext } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { printable } from "../foreign-text.ts";
import { displayRun } from "../migration-display.ts";
import { type MigrationValues, withMigration } from "../migration-options.ts";

/** All phases, each behind the gates of those before it. */
export async function runWholeMigration(values: MigrationValues, context: CommandContext): Promise<number> {
  if (values["dry-run"]) return await planMigration(values, context);
  const { terminal, signal } = context;
  const { json = false } = values;
  return await withMigration(values, context, async (migration) => {
    if (!json)
      terminal.line(
        `Migration ${migration.name}: ${migration.source.records.name} to ${migration.target.place}`,
      );
    const result = await runMigration(migration, { signal, onEvent: displayRun(terminal, json) });
    if (json) terminal.jsonLine({ type: "run-end", ...result });
    else {
      if (result.isComplete) terminal.line(terminal.style("green", "Complete: every gate was passed."));
      for (const line of useLines(result.use)) terminal.line(printable(line));
      terminal.line(`Report: ${result.report.markdown}`);
    }
    return result.isComplete ? exitCodes.done : exitCodes.failed;
  });
}

function useLines(use: RunResult["use"]): string[] {
  if (use === undefined) return [];
  return [`To ask it: ${use.settings.join(" ")} ragfood ask "…"`, ...use.notes.map((note) => `  ${note}`)];
}

/** What the migration would do: exit code 1 where it cannot. Nothing is written. */
export async function planMigration(values: MigrationValues, context: CommandContext): Promise<number> {
  const { terminal, signal } = context;
  const { json = false } = values;
  const emit = displayRun(terminal, json);
  return await withMigration(values, context, async (migration) => {
    let isSound = true;
    for await (const check of migration.examine()) {
      if (check.level === "problem") isSound = false;
      emit({ type: "check", phase: "doctor", ...check });
      if (check.hint !== undefined && !json) terminal.note(printable(check.hint));
    }
    const { plan, markdown } = await makePlan({ migration, signal, emit });
    if (json) terminal.jsonLine({ type: "plan-end", plan });
    else terminal.block(markdown);
    return plan.isPossible && isSound ? exitCodes.done : exitCodes.failed;
  });
}

/**
 * Imports straight from the source; what the ledger knows to be there is not sent again. A target that is a dump is
 * written as a whole, by the ledger's lock alone.
 */
export async function importMigration(values: MigrationValues, context: CommandContext): Promise<number> {
  if (values["dry-run"]) return await planMigration(values, context);
  const { terminal, signal } = context;
  const { json = false } = values;
  const emit = displayRun(terminal, json);
  return await withMigration(values, context, async (migration) => {
    const { embedding, dumpDirectory } = migration.target;
    const ledger = openLedger(migration);
    try {
      if (dumpDirectory !== undefined) {
        const { recordCount } = await exportTo(dumpDirectory, { migration, signal, emit });
        if (json)
          terminal.jsonLine({ type: "import-report", acknowledged: recordCount, directory: dumpDirectory });
        else
          terminal.note(
            `${counted(recordCount, "record")} written into the dump ${dumpDirectory}, whole and on disk.`,
          );
        return exitCodes.done;
      }
      const target = await migration.openTarget("write");
      try {
        const report = await importRecords({
          source: new TransformedSource(migration.wanted, { embedding, template: migration.template }),
          target,
          ledger,
          signal,
          onEvent: (event) => emit({ ...event, phase: "import" }),
        });
        const { failure, ...facts } = report;
        if (json) terminal.jsonLine({ type: "import-report", ...facts });
        // With its hint: how to go on.
        if (failure) throw failure;
        terminal.note(
          `${report.acknowledged.toLocaleString("en")} records written, ${report.skipped.toLocaleString("en")} were there, in ${(report.milliseconds / 1_000).toFixed(1)} s.`,
        );
        return exitCodes.done;
      } finally {
        await target.close();
      }
    } finally {
      ledger.close();
    }
  });
}
