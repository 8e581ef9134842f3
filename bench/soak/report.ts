import { availableParallelism, loadavg } from "node:os";
import { growth, type MemoryParts, measures, type Side } from "./memory.ts";
import { fallbackAfterMs, longRunSeconds, type SoakReport } from "./run.ts";

/** Of calls that may end in an error, in per cent. */
const mostErrors = 0.1;

/** By how much resident memory may grow after the warm-up, in per cent. */
const mostGrowth = 10;

/**
 * Of the few hundred calls of a short run, 0.1 % is less than one. Such a run fails if a store with a rate of 0.1 %
 * would have this many errors in fewer than one of 10,000 runs: about six of 540 calls.
 */
const leastChance = 1e-4;

/** Milliseconds beyond FALLBACK_AFTER_MS for the second store's own work, on a machine that does other things. */
const outageGraceMs = 2_000;

const sides: readonly Side[] = ["client", "server"];

/** Broken promises of a run; empty if all were kept. */
export function failuresOf(report: SoakReport): string[] {
  const { tally, lost, damage, options, memory, parked } = report;
  const failures = [
    ...lost.map((problem) => `lost: ${problem}`),
    ...tally.problems.map((problem) => `wrong answer: ${problem}`),
    ...damage.map((problem) => `damaged: ${problem}`),
  ];
  if (parked > 0) failures.push(`${parked} queued writes were refused`);
  const errors = errorPercent(report);
  const isShort = options.seconds < longRunSeconds;
  if (errors >= mostErrors && !(isShort && chanceOf(report) >= leastChance)) {
    failures.push(
      `${errors.toFixed(3)} % of calls ended in an error: ${tally.errors}`,
      ...tally.errorSamples,
    );
  }
  if (options.composition === "fallback and queue") {
    if (tally.outageReads === 0) failures.push("nothing was read while the index was gone");
    if (tally.queuedWrites === 0) failures.push("no write was queued");
  }
  if (isShort) return failures;
  if (tally.longestOutageRead > fallbackAfterMs + outageGraceMs) {
    failures.push(`a read took ${Math.round(tally.longestOutageRead)} ms while the index was gone`);
  }
  for (const side of sides) {
    for (const [name, bytesOf] of Object.entries(measures)) {
      const percent = growth(memory, side, bytesOf) * 100;
      if (!(percent < mostGrowth)) failures.push(`the ${side}'s ${name} grew by ${percent.toFixed(1)} %`);
    }
  }
  return failures;
}

/** How likely so many errors or more are at the rate that is allowed, of as many calls (Poisson). */
function chanceOf({ tally }: SoakReport): number {
  const expected = (tally.calls.total * mostErrors) / 100;
  let chance = 1;
  let ofCount = Math.exp(-expected);
  for (let count = 0; count < tally.errors.total; count++) {
    chance -= ofCount;
    ofCount *= expected / (count + 1);
  }
  return chance;
}

function errorPercent({ tally }: SoakReport): number {
  return (100 * tally.errors.total) / Math.max(1, tally.calls.total);
}

/** What a run did, in lines. */
export function describe(report: SoakReport): string[] {
  const { options, tally, memory, injected, requests } = report;
  const faults = [...injected.values()].reduce((sum, count) => sum + count, 0);
  const calls = tally.calls.total;
  const lines = [
    `${options.composition}: ${report.warmUpSeconds} s to warm up and ${options.seconds} s, ${options.workers} workers, faults at ${100 * options.faultRate} %`,
    `  calls      ${calls} (${(calls / (report.warmUpSeconds + options.seconds)).toFixed(0)}/s): ${tally.calls}`,
    `  faults     ${faults} of ${requests} requests (${((100 * faults) / requests).toFixed(1)} %): ${[...injected].map(([name, count]) => `${name} ${count}`).join(", ")}`,
    `  emulator   ${report.emulatorFaults}`,
    `  retries    ${report.retries.total}: ${report.retries}; breaker opened ${report.breakerOpenings} times`,
    `  errors     ${tally.errors.total} (${errorPercent(report).toFixed(3)} %): ${tally.errors}`,
    `  answers    ${tally.problemCount} wrong`,
    `  records    ${report.compared} compared, ${report.lost.length} lost or wrong, ${report.damage.length} damaged`,
  ];
  if (options.composition === "fallback and queue") {
    lines.push(
      `  outage     ${report.outageSeconds.toFixed(1)} s, index killed and started again; ${tally.outageReads} reads in it, the longest ${Math.round(tally.longestOutageRead)} ms`,
      `  fallback   ${tally.fallbacks} reads answered by the second store, each reported`,
      `  queue      ${tally.queuedWrites} writes queued, all sent ${report.drainSeconds.toFixed(1)} s after the index was back, ${report.parked} parked`,
    );
  }
  for (const side of sides) {
    const grown = Object.values(measures).map((bytesOf) => (growth(memory, side, bytesOf) * 100).toFixed(1));
    lines.push(
      `  memory     ${side} ${curve(report, side, "resident")}; peaks grew by ${grown.join(" %, without the young generation by ")} %`,
    );
    for (const part of ["young", "old", "native", "used", "buffers"] as const) {
      lines.push(`    ${part.padEnd(9)}${curve(report, side, part)}`);
    }
  }
  lines.push(
    `  index      ${(report.indexBytes / 1_048_576).toFixed(1)} MiB on disk, of which SQLite caches 32 MiB at the most`,
  );
  return lines;
}

/** A dozen samples of one part of memory, in order. */
function curve({ memory }: SoakReport, side: Side, part: keyof MemoryParts): string {
  const values = memory.flatMap((sample) => sample[side]?.[part] ?? []);
  return `${thinned(values, 12)
    .map((bytes) => Math.round(bytes / 1_048_576))
    .join(" ")} MiB`;
}

function thinned<T>(values: readonly T[], count: number): T[] {
  if (values.length <= count) return [...values];
  return Array.from(
    { length: count },
    (_, place) => values[Math.round((place * (values.length - 1)) / (count - 1))] as T,
  );
}

/** The load of the machine, for comparisons of runs. */
export function loadLine(): string {
  const load = loadavg().map((value) => value.toFixed(2));
  return `load ${load.join(" ")} on ${availableParallelism()} cores`;
}
