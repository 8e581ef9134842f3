import { dirname } from "node:path";
import { migrationNames } from "../../composition/migration-facts.ts";
import { readSettings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { quoted } from "../../foundation/quoted.ts";
import { type LedgerSummary, ledgerFile, readLedger } from "../../migration/ledger/index.ts";
import { completeness, isComplete, phaseNames, phasesOf } from "../../migration/run/index.ts";
import type { Run } from "../command.ts";
import type { status } from "../definitions/migrate.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../foreign-text.ts";
import type { Terminal } from "../terminal.ts";

/** Shows the progress of the migrations of this project, also while one runs. */
export const showStatus: Run<typeof status> = async (values, context) => {
  const { terminal } = context;
  const { directory } = readSettings(context.environment);
  const names = values.name === undefined ? migrationNames(directory) : [values.name];
  const found = names.flatMap((name) => statusOf(directory, name) ?? []);
  if (values.name !== undefined && found.length === 0) {
    throw new UsageError(`${directory} has no migration ${quoted(values.name)}.`, {
      hint: "ragfood migrate status, without --name, lists them.",
    });
  }
  if (values.json) {
    for (const status of found) terminal.jsonLine({ type: "status", ...status });
    terminal.jsonLine({ type: "status-end", directory, migrationCount: found.length });
  } else if (found.length === 0) terminal.line(`${directory} has no migrations yet.`);
  else for (const status of found) print(status, terminal);
  const isOpen = values.name !== undefined && found.some(({ isComplete }) => !isComplete);
  return isOpen ? exitCodes.failed : exitCodes.done;
};

function statusOf(directory: string, name: string) {
  const ledger = ledgerFile(directory, name);
  const summary = readLedger(ledger);
  if (summary === undefined) return undefined;
  const phases = phasesOf(summary.phases);
  return { name, directory: dirname(ledger), ...stateOf(summary), ...summary, phases };
}

/** An import on its own has no phases; only a whole run proves the records. */
function stateOf({ phases: kept, runs }: LedgerSummary): { state: string; isComplete: boolean } {
  const phases = phasesOf(kept);
  if (Object.keys(phases).length > 0) {
    const isDone = isComplete(phases);
    return { state: completeness(phases), isComplete: isDone };
  }
  const last = runs.at(-1);
  if (last?.outcome === "complete") return { state: "imported, not verified", isComplete: false };
  return { state: last === undefined ? "begun" : "import not complete", isComplete: false };
}

function print(status: NonNullable<ReturnType<typeof statusOf>>, terminal: Terminal): void {
  const { name, state, identity, acknowledged, phases, runs } = status;
  terminal.line(`${terminal.style("bold", name)}: ${state}`);
  const namespace = identity.namespace === "" ? "" : ` ${quoted(identity.namespace)}`;
  terminal.line(`  ${oneLine(`${identity.source} to ${identity.target}${namespace}`)}`);
  // A dump as a target is written without the import.
  if (phases.import?.status !== "skipped") {
    terminal.line(
      `  ${counted(acknowledged.records, "record")} acknowledged by the target, ${counted(runs.length, "import")}`,
    );
  }
  if (state === "imported, not verified") {
    terminal.line("  ragfood migrate verify, with the same --from and --to, compares every record.");
  }
  for (const phase of phaseNames) {
    const kept = phases[phase];
    if (kept === undefined) continue;
    const time = kept.status === "skipped" ? "" : ` (${kept.begunAt.slice(0, 16).replace("T", " ")} UTC)`;
    terminal.line(`  ${phase.padEnd(8)} ${kept.status.padEnd(8)} ${oneLine(kept.outcome.summary)}${time}`);
  }
}
