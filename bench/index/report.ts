import { cpus, freemem, loadavg, totalmem } from "node:os";

const gigabyte = 1024 ** 3;

/** Says what a measurement was made on, and what else the machine was doing. */
export function printMachine(): void {
  const load = loadavg().map((value) => value.toFixed(2));
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, ${(totalmem() / gigabyte).toFixed(0)} GB, Node ${process.version}`,
  );
  console.log(`load ${load.join(" ")}, free ${(freemem() / gigabyte).toFixed(1)} GB`);
}

/** Median and tail of times in milliseconds. */
export function quantiles(times: readonly number[]): string {
  return `p50 ${quantile(times, 0.5).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`;
}

/** The value that a share of the values stays below. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
