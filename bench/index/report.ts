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
  const sorted = [...times].sort((left, right) => left - right);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}
