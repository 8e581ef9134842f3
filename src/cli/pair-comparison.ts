import { verifyPair } from "../composition/verify-pair.ts";
import type { Settings } from "../config/settings.ts";
import type { Verification } from "../cutover/watch/verify-stores.ts";
import { counted } from "../foundation/plural.ts";
import type { CommandContext } from "./command.ts";
import { exitCodes } from "./failure.ts";
import { oneLine } from "./foreign-text.ts";
import type { Terminal } from "./terminal.ts";

/** The options of the commands that compare two stores. */
export interface ComparisonValues {
  readonly sample?: number | undefined;
  readonly repair: boolean;
  readonly json: boolean;
}

type Comparison = Omit<Verification, "countsNotBecause">;

/** Differences that are printed; `--json` has up to 1,000. */
const mostPrinted = 20;

/** Compares the pair of stores that the settings name, and shows how far it is. */
export async function comparePair(
  settings: Settings,
  { sample, repair }: ComparisonValues,
  { terminal, signal }: CommandContext,
): Promise<Verification> {
  return await verifyPair(settings, {
    size: sample ?? Number.POSITIVE_INFINITY,
    repairs: repair,
    signal,
    onProgress: (checked, total) => terminal.progress("Comparing", checked, total),
  });
}

/**
 * Prints the records that differ, and how to repair them.
 *
 * @param command what compares once more
 * @returns the exit code
 */
export function showComparison(
  found: Comparison,
  { json, repair }: ComparisonValues,
  terminal: Terminal,
  command: string,
): number {
  const { checked, differences } = found;
  if (json) terminal.json(found);
  else {
    printDifferences(found, terminal);
    const advice = adviceFor(found, repair, command);
    if (advice !== undefined) terminal.note(advice);
  }
  return differences === 0 && checked > 0 ? exitCodes.done : exitCodes.failed;
}

function printDifferences(found: Comparison, terminal: Terminal): void {
  const { checked, differences, pending, listed, comparesVectors } = found;
  const by = comparesVectors ? "text, metadata and vectors" : "text and metadata";
  terminal.line(`${counted(checked, "record")} compared by ${by}, ${counted(differences, "difference")}`);
  for (const { namespace, id, problem } of listed.slice(0, mostPrinted)) {
    terminal.line(`  ${oneLine(namespace === "" ? id : `${namespace}/${id}`)}: ${problem}`);
  }
  if (differences > mostPrinted) terminal.line(`  and ${counted(differences - mostPrinted, "other")}`);
  if (pending > 0) terminal.line(`Not compared, because writes to them are under way: ${pending}`);
  if (!comparesVectors) {
    terminal.note("Vectors were not compared: each store makes its own from the text.");
  }
}

function adviceFor(
  { differences, toCopyAgain }: Comparison,
  isRepair: boolean,
  command: string,
): string | undefined {
  if (toCopyAgain > 0) {
    return `${counted(toCopyAgain, "record")} will be copied from the leading store again by running processes. Then compare once more: ${command}`;
  }
  if (differences === 0) return undefined;
  return isRepair
    ? "Nothing is repaired: no copies are made in this stage, or a store lost most of its records."
    : `To copy these records from the leading store again: ${command} --repair`;
}
