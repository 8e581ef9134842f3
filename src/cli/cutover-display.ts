import { answersFrom } from "../cutover/duties.ts";
import { describeChange, evidenceOf } from "../cutover/history-text.ts";
import { cutoverNews } from "../cutover/news.ts";
import type { CutoverOverview, OperatorChange } from "../cutover/operator.ts";
import { stepsOf } from "../cutover/watch/gates.ts";
import { counted } from "../foundation/plural.ts";
import type { HistoryEntry } from "../state/cutover/rows.ts";
import { oneLine } from "./foreign-text.ts";
import type { Terminal } from "./terminal.ts";

/**
 * The stage, what the other store lacks, the rules, and the gates of the next stage.
 * @param result of a change that was tried
 */
export function printCutover(overview: CutoverOverview, terminal: Terminal, result?: OperatorChange): void {
  // First of all: without it, what is refused looks as if the cutover had never begun.
  const news = cutoverNews(overview, true);
  if (news?.kind === "rolled-back") {
    terminal.line(`${oneLine(news.sentence)}. Its report: ragfood incidents`);
  }
  if (result?.isDone === true) terminal.line("Done.");
  else if (result?.isShown) {
    const closed = overview.gates.filter(({ isOpen }) => !isOpen).length;
    const why =
      closed === 0 ? "not everything is ready" : `${counted(closed, "gate")} of ${overview.next} closed`;
    terminal.line(`Nothing was changed: ${why}, see below.`);
  } else if (result) {
    terminal.line("Nothing was changed:");
    for (const { message } of result.missing) terminal.line(`  ${message}`);
  }
  printStage(overview, terminal);
  printFailures(overview, terminal);
  const { pause, rules, control, verification } = overview;
  if (verification?.state === "running") {
    const { checked, total, who } = verification;
    terminal.line(
      `A comparison that ${oneLine(who)} began is running: ${checked.toLocaleString("en")} of ${counted(total, "record")}`,
    );
  }
  if (pause) {
    const why = pause.reason === "" ? "" : ` (${oneLine(pause.reason)})`;
    terminal.line(`Paused by ${oneLine(pause.who)}${why}. Go on with: ragfood cutover resume`);
  }
  if (control.stage === "canary" || control.stage === "target") {
    terminal.line("Rules of rollback:");
    for (const { name, state, sentence } of rules) terminal.line(`  ${state}: ${name}: ${sentence}`);
  }
  printGates(overview, terminal);
}

function printFailures({ failing, lag, parked, parkedCount }: CutoverOverview, terminal: Terminal): void {
  for (const { key, records, attempts, reason } of failing) {
    const tried = `${counted(attempts, "attempt")} failed: ${oneLine(reason)}`;
    if (key) {
      const named = key.namespace === "" ? key.id : `${key.namespace}/${key.id}`;
      terminal.line(`Record ${oneLine(named)}: ${tried}`);
    } else {
      const waiting = `${counted(records, "record")} wait, the first write for ${lag.seconds.toFixed(1)} s`;
      terminal.line(`${waiting}: ${tried}. Find the cause: ragfood doctor`);
    }
  }
  for (const { id, reason } of parked) {
    terminal.line(`A store refused the write to ${oneLine(id)}, which is parked: ${oneLine(reason)}`);
  }
  if (parkedCount > 0) {
    terminal.line(`${counted(parkedCount, "write")} parked. Decide with: ragfood queue`);
  }
}

function printGates({ control, gates, missing, next }: CutoverOverview, terminal: Terminal): void {
  if (control.stage === "target-only") {
    terminal.line("Next: set STORE=upstash, remove CUTOVER_TO, and restart every process: docs/cutover.md.");
  }
  if (next === undefined || control.hold) return;
  if (next === "dual-write") {
    terminal.line("Next: ragfood cutover start");
    for (const { message } of missing) terminal.line(`  not yet: ${message}`);
    return;
  }
  terminal.line(`Gates of ${next}:`);
  for (const { isOpen, wants, has } of gates) {
    terminal.line(`  ${isOpen ? "open" : "closed"}: ${wants}; found: ${has}`);
  }
  for (const { message } of missing) terminal.line(`  not yet: ${message}`);
  const steps = stepsOf(gates);
  if (steps.length > 0) terminal.line("To open them:");
  for (const step of steps) terminal.line(`  ${step}`);
  if (steps.length + missing.length > 0) return;
  terminal.line(`Next: ragfood cutover ${next === "target-only" ? "finish" : "advance"}`);
}

/** The last changes, newest first. */
export function printHistory(changes: readonly HistoryEntry[], json: boolean, terminal: Terminal): void {
  if (json) terminal.json({ changes: changes.map(entryJson) });
  else if (changes.length === 0) terminal.line("Nothing has happened yet.");
  else {
    for (const entry of changes) {
      const why = entry.reason === "" ? "" : `: ${oneLine(entry.reason)}`;
      const what = `${oneLine(describeChange(entry))}, by ${oneLine(entry.who)}${why}`;
      terminal.line(`${new Date(entry.at).toISOString()}  ${what}`);
    }
  }
}

/** The cutover as JSON: the evidence of each change is readable, and not text within text. */
export function overviewJson(overview: CutoverOverview): object {
  return { ...overview, history: overview.history.map(entryJson) };
}

function entryJson(entry: HistoryEntry): object {
  return { ...entry, at: new Date(entry.at), evidence: evidenceOf(entry) };
}

function printStage({ control, names, lag, marks, processes }: CutoverOverview, terminal: Terminal): void {
  const { stage, leader, hold, level, epoch, isRecording } = control;
  terminal.line(`Stage: ${stage} (${leader} leads), epoch ${epoch}`);
  terminal.line(`${answersFrom(control, names)}.`);
  if (hold)
    terminal.line(`Changing to ${hold.stage}: writes are queued until the ${hold.to} has everything.`);
  if (stage === "source" && isRecording)
    terminal.line("The rollback settles: writes may still be on their way.");
  if (isRecording && stage !== "source") {
    if (level !== "level") terminal.line(`The target is not level: ${levels[level]}.`);
    if (level === "level" || level === "draining") {
      const { records, seconds } = lag;
      const what = records === 0 ? "nothing" : `${counted(records, "record")}, for ${seconds.toFixed(1)} s`;
      terminal.line(`The ${leader === "source" ? "target" : "source"} lacks: ${what}`);
    }
  }
  if (marks.queued > 0) {
    terminal.line(
      `Queued: ${counted(marks.queued, "write")}, the first for ${lag.queuedSeconds.toFixed(1)} s`,
    );
  }
  const confirmed = processes.filter((process) => process.epoch >= epoch).length;
  const work = stage === "source" ? "the rollback does not settle" : "nothing is copied";
  const idle = isRecording && processes.length === 0 ? `. Start one: ${work} without it` : "";
  terminal.line(`Processes: ${processes.length}, of which ${confirmed} act on this stage${idle}`);
}

const levels = {
  none: "not every process marks its writes yet",
  touching: "the records of both stores are being listed. If this lasts, find the cause: ragfood doctor",
  draining: "the records are being copied",
} as const;
