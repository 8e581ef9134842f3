import { createStore } from "../../composition/application.ts";
import { examineCutover } from "../../composition/cutover-guard.ts";
import { type RehearsedFault, rehearsedFaults } from "../../composition/rehearsal/faults.ts";
import { rehearse } from "../../composition/rehearsal/rehearse.ts";
import type { RehearsalReport } from "../../composition/rehearsal/report.ts";
import { readSettings } from "../../config/settings.ts";
import { requireFitting } from "../../cutover/pair-fit.ts";
import { UsageError } from "../../foundation/errors.ts";
import type { Run } from "../command.ts";
import type * as definitions from "../definitions/cutover.ts";
import { exitCodes } from "../failure.ts";
import type { Terminal } from "../terminal.ts";

export const rehearseCutover: Run<typeof definitions.rehearse> = async (values, context) => {
  const { terminal, environment, signal } = context;
  const { json, records, fault } = values;
  const faults = fault === undefined ? rehearsedFaults : [faultOf(fault)];
  const settings = readSettings(environment);
  // What the real start would refuse is not rehearsed on copies that fit.
  const fit = await examineCutover(settings, signal);
  if (fit) requireFitting(fit, values["accept-metric-change"]);
  const source = createStore(settings);
  const started = performance.now();
  try {
    const report = await rehearse({
      source,
      namespace: settings.namespace,
      records,
      faults,
      signal,
      onStep: (text) => {
        if (!json)
          terminal.line(`${((performance.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${text}`);
      },
    });
    if (json) terminal.json(report);
    else print(report, terminal);
    return report.isPassed ? exitCodes.done : exitCodes.failed;
  } finally {
    await source.close();
  }
};

/** @throws {UsageError} */
function faultOf(name: string): RehearsedFault {
  const found = rehearsedFaults.find((each) => each === name);
  if (found !== undefined) return found;
  throw new UsageError(`"${name}" is no fault that can be rehearsed.`, {
    hint: `The faults are ${rehearsedFaults.join(", ")}.`,
  });
}

function print({ traffic, lost, notes, problems, isPassed }: RehearsalReport, terminal: Terminal): void {
  const { reads, failedReads, writes, failedWrites, failures } = traffic;
  terminal.line(
    `Reads: ${reads}, of which ${failedReads} failed. Writes: ${writes}, of which ${failedWrites} failed.`,
  );
  for (const failure of failures) terminal.line(`  ${failure}`);
  terminal.line(`Acknowledged writes that a store lacks: ${lost}`);
  for (const note of notes) terminal.line(`Note: ${note}`);
  for (const problem of problems) terminal.line(`Problem: ${problem}`);
  terminal.line(isPassed ? "The rehearsal passed." : "The rehearsal failed.");
}
