import { durationText } from "../foundation/duration-text.ts";
import { findingText } from "../foundation/finding.ts";
import type { PhaseName, ProgressEvent, RunEvent } from "../migration/run/index.ts";
import type { Difference } from "../migration/verify/index.ts";
import { oneLine, printable } from "./foreign-text.ts";
import type { Terminal } from "./terminal.ts";

const width = 8;
/** Differences that a person sees as they are found; the report lists more, and a file all. */
const mismatchesShown = 10;

const progressNames: Readonly<Partial<Record<PhaseName, string>>> = {
  plan: "Reading the source",
  export: "Exporting",
  check: "Checking shards",
  import: "Importing",
  verify: "Verifying",
  compare: "Comparing",
  bench: "Measuring",
};

/** Shows a run: to a person as lines with one line of progress, to a program as JSON, one event a line. */
export function displayRun(terminal: Terminal, asJson: boolean): (event: RunEvent) => void {
  if (asJson) return (event) => terminal.jsonLine(event);
  let mismatches = 0;
  return (event) => {
    switch (event.type) {
      case "phase-skip":
        return phaseLine(
          terminal,
          "unchanged",
          event.phase,
          `${event.summary} (${timeText(event.finishedAt)})`,
        );
      case "phase-leave-out":
        return phaseLine(terminal, "skipped", event.phase, event.reason);
      case "phase-end":
        return phaseLine(
          terminal,
          "done",
          event.phase,
          `${shortSummary(event)} (${(event.milliseconds / 1_000).toFixed(1)} s)`,
        );
      case "phase-refuse":
        phaseLine(terminal, "STOP", event.phase, event.found);
        return terminal.note(printable(event.advice));
      case "finding":
        terminal.line(`  warn  ${oneLine(findingText(event))}`);
        return event.hint === undefined ? undefined : terminal.line(`        ${oneLine(event.hint)}`);
      case "check":
        if (event.level === "fact") return undefined;
        return terminal.line(
          `  ${event.level === "problem" ? "FAIL" : "warn"}  ${oneLine(findingText(event))}`,
        );
      case "progress":
        return showProgress(terminal, progressNames[event.phase] ?? event.phase, event);
      case "batch-retry":
        return event.failuresInRow === 0 ? undefined : terminal.waiting(retryText(event));
      case "record-refused":
        return terminal.note(printable(`Refused: ${event.id}: ${event.problem}`));
      case "verify-mismatch":
        mismatches++;
        if (mismatches > mismatchesShown) return undefined;
        return terminal.line(`  ${mismatchText(event.difference)}`);
      default:
        return undefined;
    }
  };
}

/** The last lines of a run repeat the comparison in full. */
function shortSummary({ phase, summary }: Extract<RunEvent, { type: "phase-end" }>): string {
  return phase === "compare" ? (/^.*?\.(?=\s|$)/.exec(summary)?.[0] ?? summary) : summary;
}

/** A target that is down is not silence: why nothing moves, how long it may take, and that stopping is safe. */
function retryText({
  message,
  failuresInRow,
  maximumFailures,
  waitMs,
}: Extract<RunEvent, { type: "batch-retry" }>): string {
  const wait = `${Math.max(1, Math.round(waitMs / 1_000))} s`;
  return oneLine(
    `The target fails: ${message} Trying again in ${wait}; failure ${failuresInRow} of ${maximumFailures + 1}. Ctrl-C stops safely: the same command continues.`,
  );
}

function mismatchText({ kind, id, path, detail }: Difference): string {
  return `${kind}  ${oneLine(`${id}:${path === undefined ? "" : ` ${path}`} ${detail}`)}`;
}

/** To the minute, in UTC. */
function timeText(time: string): string {
  return `${time.slice(0, 16).replace("T", " ")} UTC`;
}

const colors = { done: "green", unchanged: "green", skipped: "dim", STOP: "red" } as const;

function phaseLine(terminal: Terminal, word: keyof typeof colors, phase: PhaseName, text: string): void {
  const mark = terminal.style(colors[word], word.padEnd("unchanged".length));
  terminal.line(`${mark}  ${phase.padEnd(width)}${oneLine(text)}`);
}

/** One line that renews itself on a terminal, with rate and time left. */
export function showProgress(
  terminal: Terminal,
  label: string,
  { done, total, recordsPerSecond, secondsLeft }: ProgressEvent,
): void {
  const rate = recordsPerSecond > 0 ? `${Math.round(recordsPerSecond).toLocaleString("en")}/s` : "";
  const left =
    secondsLeft === undefined || done >= total
      ? ""
      : `, ${durationText(Math.ceil(secondsLeft) * 1_000)} left`;
  terminal.progress(label, done, total, `${rate}${left}`);
}
