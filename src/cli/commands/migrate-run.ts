import type { OpenMigration } from "../../composition/endpoints/migration.ts";
import { UsageError } from "../../foundation/errors.ts";
import type { Finding } from "../../foundation/finding.ts";
import { namespaceName } from "../../foundation/namespace-name.ts";
import { counted } from "../../foundation/plural.ts";
import { faultText } from "../../foundation/quoted.ts";
import { importRecords } from "../../migration/import/index.ts";
import {
  exportTo,
  makePlan,
  omittedText,
  openMigrationLedger,
  proofLines,
  type RunResult,
  runMigration,
} from "../../migration/run/index.ts";
import type { SkippedRecords } from "../../migration/source.ts";
import { TransformedSource } from "../../migration/transformed-source.ts";
import type { CommandContext } from "../command.ts";
import { errorToJson, exitCodes } from "../failure.ts";
import { oneLine, printable } from "../foreign-text.ts";
import { displayRun } from "../migration-display.ts";
import { type MigrationValues, withMigration } from "../migration-options.ts";
import type { Terminal } from "../terminal.ts";
import { forEachCollection } from "./migrate-collections.ts";

/** Skipped records that are listed; `--json` lists the first 1,000. */
const maximumListed = 20;

/** Runs all phases, each behind the gates of those before it. */
export async function runWholeMigration(values: MigrationValues, context: CommandContext): Promise<number> {
  if (values["dry-run"]) return await planMigration(values, context);
  if (values["all-collections"]) return await forEachCollection(values, context, runWholeMigration);
  const { terminal, signal } = context;
  const { json = false } = values;
  return await withMigration(values, context, async (migration) => {
    if (!json) {
      const { name, source, target } = migration;
      terminal.line(
        `Migration ${name}: ${source.records.name} to ${target.place}${target.namespace === "" ? "" : `, ${namespaceName(target.namespace)}`}`,
      );
    }
    const result = await runMigration(migration, { signal, onEvent: displayRun(terminal, json) });
    const { error, ...facts } = result;
    const skipped = values.salvage && result.isComplete ? await skippedRecords(migration, signal) : undefined;
    if (json)
      terminal.jsonLine({
        type: "run-end",
        ...facts,
        ...(skipped && { skipped }),
        ...(error !== undefined && { error: errorToJson(error) }),
      });
    else printResult(result, skipped, terminal);
    // The report is written and named: the error decides the exit code, and its hint says how to continue.
    if (error !== undefined) throw error;
    return result.isComplete ? exitCodes.done : exitCodes.failed;
  });
}

/** What `--salvage` left behind; `undefined` if every record could be read. */
async function skippedRecords(
  { source }: OpenMigration,
  signal: AbortSignal,
): Promise<SkippedRecords | undefined> {
  const { skipped } = await source.records.describe({ signal });
  return skipped && skipped.count > 0 ? skipped : undefined;
}

function printResult(
  { isComplete, completeness, proof, use, report }: RunResult,
  skipped: SkippedRecords | undefined,
  terminal: Terminal,
): void {
  terminal.line();
  if (isComplete) {
    const isWhole = completeness === "complete";
    const sentence = oneLine(`C${completeness.slice(1)}${skipped ? ":" : "."}`);
    terminal.line(terminal.style(isWhole ? "green" : "yellow", sentence));
  }
  for (const fault of skipped?.faults.slice(0, maximumListed) ?? []) {
    terminal.line(printable(`  ${faultText(fault)}`));
  }
  if (skipped && skipped.count > maximumListed) {
    terminal.line(`  … and ${skipped.count - maximumListed} more`);
  }
  for (const line of proofLines(proof)) terminal.line(line);
  if (use) {
    terminal.line(`To ask it: ${use.settings.join(" ")} ragfood ask "…"`);
    for (const note of use.notes) terminal.line(`  ${note}`);
  }
  if (report) terminal.line(`Report: ${report.markdown}`);
}

/** Shows what a run would do; exit code 1 if it cannot. Nothing is written. */
export async function planMigration(values: MigrationValues, context: CommandContext): Promise<number> {
  if (values["all-collections"]) return await forEachCollection(values, context, planMigration);
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
    else {
      terminal.block(markdown);
      terminal.line("Nothing was written.");
    }
    return plan.isPossible && isSound ? exitCodes.done : exitCodes.failed;
  });
}

/**
 * Imports directly from the source; records that the ledger lists as written are not sent again. A target that is a
 * dump is written as a whole.
 */
export async function importMigration(values: MigrationValues, context: CommandContext): Promise<number> {
  if (values["dry-run"]) return await planMigration(values, context);
  const { terminal, signal } = context;
  const { json = false } = values;
  const emit = displayRun(terminal, json);
  return await withMigration(values, context, async (migration) => {
    const { source, target: design, wanted } = migration;
    const { recordCount: total, similarityFunction: metric } = await source.records.describe({ signal });
    const other = design.info.similarityFunction;
    if (design.embedding === "carried" && metric !== undefined && other !== "" && metric !== other) {
      emit({ type: "finding", phase: "import", ...metricWarning(metric, other) });
    }
    if (total === 0) {
      terminal.note("The source holds no records: nothing was imported.");
      return exitCodes.done;
    }
    const ledger = await openMigrationLedger(migration, signal);
    try {
      if (design.kind === "dump") {
        const { directory } = design;
        const { recordCount } = await exportTo(directory, { migration, signal, emit });
        if (json) terminal.jsonLine({ type: "import-report", acknowledged: recordCount, directory });
        else terminal.note(printable(`${counted(recordCount, "record")} written to the dump ${directory}.`));
        return exitCodes.done;
      }
      await requireNothingReplaced({ migration, signal, emit });
      const target = await migration.openTarget("write");
      try {
        const { failure, ...facts } = await importRecords({
          source: new TransformedSource(wanted, {
            embedding: design.embedding,
            template: migration.template,
          }),
          target,
          ledger,
          skipRefused: migration.skipRefused,
          signal,
          onEvent: (event) => emit({ ...event, phase: "import" }),
        });
        if (json) terminal.jsonLine({ type: "import-report", ...facts });
        // Its hint says how to continue.
        if (failure) throw failure;
        const { acknowledged, skipped, milliseconds } = facts;
        terminal.note(
          `${counted(acknowledged, "record")} written, ${skipped.toLocaleString("en")} already there${omittedText(facts)}, in ${(milliseconds / 1_000).toFixed(1)} s. Not verified: ragfood migrate verify compares every record.`,
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

/**
 * The rule of a plan, for an import without one.
 *
 * @throws {UsageError} if the import would replace records of the target that this migration did not write
 */
async function requireNothingReplaced(context: Parameters<typeof makePlan>[0]): Promise<void> {
  const { namespace, info } = context.migration.target;
  if ((info.namespaces[namespace] ?? 0) === 0) return;
  const { plan } = await makePlan(context);
  const found = plan.problems.find(({ code }) => code === "target-overwrite");
  if (found) throw new UsageError(found.message, found.hint === undefined ? {} : { hint: found.hint });
}

function metricWarning(metric: string, other: string): Finding {
  return {
    code: "metric-change",
    level: "warning",
    message: `The source compares by ${metric}, the target by ${other}: unless all vectors have one length, records rank differently.`,
    hint: "ragfood migrate plan measures it.",
  };
}
