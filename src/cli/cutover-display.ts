import type { CutoverOverview } from "../cutover/operator.ts";
import { counted } from "../foundation/plural.ts";
import { oneLine } from "./foreign-text.ts";
import type { Terminal } from "./terminal.ts";

/** The stage, what the other store lacks, the rules, and the gates of the next stage. */
export function printCutover(overview: CutoverOverview, terminal: Terminal): void {
  printStage(overview, terminal);
  const { failing, parked, pause, rules, gates, next, control } = overview;
  for (const { namespace, id, attempts, reason } of failing) {
    const named = oneLine(namespace === "" ? id : `${namespace}/${id}`);
    terminal.line(`Record ${named}: ${counted(attempts, "attempt")} failed: ${oneLine(reason)}`);
  }
  for (const { id, reason } of parked) {
    terminal.line(
      `Write to ${oneLine(id)} was refused and is parked: ${oneLine(reason)} Decide with: ragfood queue`,
    );
  }
  if (pause)
    terminal.line(
      `Paused by ${oneLine(pause.who)}${pause.reason === "" ? "" : `: ${oneLine(pause.reason)}`}`,
    );
  if (control.stage === "canary" || control.stage === "target") {
    terminal.line("Rules of rollback:");
    for (const { state, sentence } of rules) terminal.line(`  ${state}: ${sentence}`);
  }
  if (gates.length > 0) terminal.line(`Gates of ${next}:`);
  for (const { isOpen, wants, has, next: step } of gates) {
    terminal.line(`  ${isOpen ? "open" : "closed"}: ${wants}; found: ${has}`);
    if (step !== undefined) terminal.line(`    ${step}`);
  }
}

function printStage({ control, lag, marks, processes }: CutoverOverview, terminal: Terminal): void {
  const { stage, leader, hold, level, epoch, canaryPercent, isRecording } = control;
  const share = stage === "canary" ? `, ${canaryPercent} % of the questions from the target` : "";
  terminal.line(`Stage: ${stage} (${leader} leads${share})`);
  if (hold) terminal.line(`Changing to ${hold.to}: writes are queued until it has everything.`);
  if (stage === "source" && isRecording)
    terminal.line("The rollback settles: writes may still be on their way.");
  if (isRecording && stage !== "source") {
    terminal.line(
      level === "level" ? "The target holds every record." : `The target is not level: ${levels[level]}.`,
    );
    terminal.line(`Lag: ${counted(lag.records, "record")}, ${lag.seconds.toFixed(1)} s`);
  }
  if (marks.queued > 0) {
    terminal.line(
      `Queued: ${counted(marks.queued, "write")}, the first for ${lag.queuedSeconds.toFixed(1)} s`,
    );
  }
  const confirmed = processes.filter((process) => process.epoch >= epoch).length;
  terminal.line(`Processes: ${processes.length}, of which ${confirmed} act on this stage`);
}

const levels = {
  none: "not every process marks its writes yet",
  touching: "the records are being listed",
  draining: "the records are being copied",
} as const;
