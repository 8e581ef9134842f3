import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { readSettings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { ledgerFile, readLedger } from "../../migration/ledger/index.ts";
import { isComplete, phaseNames, RunState } from "../../migration/run/index.ts";
import type { Run } from "../command.ts";
import type { status } from "../definitions/migrate.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../foreign-text.ts";
import type { Terminal } from "../terminal.ts";

/** How far the migrations of this project are, read beside whoever works on them. */
export const showStatus: Run<typeof status> = async (values, context) => {
  const { terminal } = context;
  const { directory } = readSettings(context.environment);
  const names = values.name === undefined ? namesIn(directory) : [values.name];
  const found = names.flatMap((name) => statusOf(directory, name) ?? []);
  if (values.name !== undefined && found.length === 0) {
    throw new UsageError(`There is no migration ${JSON.stringify(values.name)} in ${directory}.`, {
      hint: "ragfood migrate status, without --name, lists them.",
    });
  }
  if (values.json) for (const status of found) terminal.jsonLine({ type: "status", ...status });
  else if (found.length === 0) terminal.line(`No migration has begun in ${directory}.`);
  else for (const status of found) print(status, terminal);
  return exitCodes.done;
};

function namesIn(directory: string): string[] {
  try {
    return readdirSync(join(directory, "migrations")).sort();
  } catch {
    return [];
  }
}

function statusOf(directory: string, name: string) {
  const ledger = ledgerFile(directory, name);
  const summary = readLedger(ledger);
  if (summary === undefined) return undefined;
  const { phases } = RunState.read(dirname(ledger));
  return { name, directory: dirname(ledger), isComplete: isComplete(phases), phases, ...withPhases(summary) };
}

/** The ledger has phases of its own, under another name here. */
function withPhases({ phases: ledgerPhases, ...summary }: NonNullable<ReturnType<typeof readLedger>>) {
  return { ...summary, ledgerPhases };
}

function print(status: NonNullable<ReturnType<typeof statusOf>>, terminal: Terminal): void {
  const { name, identity, acknowledged, phases, runs } = status;
  terminal.line(`${terminal.style("bold", name)}: ${status.isComplete ? "complete" : "not complete"}`);
  const namespace = identity.namespace === "" ? "" : ` ${JSON.stringify(identity.namespace)}`;
  terminal.line(`  ${oneLine(`${identity.source} to ${identity.target}${namespace}`)}`);
  // A dump is written without the ledger.
  if (phases.import?.status !== "left-out") {
    terminal.line(
      `  ${counted(acknowledged.records, "record")} acknowledged by the target, ${counted(runs.length, "import")}`,
    );
  }
  for (const phase of phaseNames) {
    const state = phases[phase];
    if (state)
      terminal.line(`  ${phase.padEnd(8)} ${state.status.padEnd(8)} ${oneLine(state.outcome.summary)}`);
  }
}
