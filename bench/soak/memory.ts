import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ServedIndex } from "./served-index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as (options: object) => void;

/** Gives back what it can to the system as well: pages that are kept for later are no growth. */
const thoroughly = { type: "major", flavor: "last-resort", execution: "sync" };

/** Bytes resident after a collection of garbage. */
export interface MemorySample {
  /** From the start of the load. */
  readonly seconds: number;
  readonly client: number;
  /** Absent while the served index is gone. */
  readonly server: number | undefined;
  /** Of these, what JavaScript holds: all but code, SQLite's page cache and what the allocator keeps. */
  readonly serverHeap: number | undefined;
}

export async function sampleMemory(seconds: number, server: ServedIndex | undefined): Promise<MemorySample> {
  collectGarbage(thoroughly);
  const usage = await server?.memoryUsage();
  return {
    seconds,
    client: residentBytes(process.pid, process.memoryUsage()),
    server: usage && residentBytes(server?.pid, usage),
    serverHeap: usage && usage.heapUsed + usage.external,
  };
}

/**
 * Resident and the process's own (RssAnon, where the system tells it). Pages of the program's file come and go
 * with what else the machine does: 41 MB of Node.js itself.
 */
function residentBytes(pid: number | undefined, usage: NodeJS.MemoryUsage): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? usage.rss : Number(kilobytes) * 1_024;
  } catch {
    return usage.rss;
  }
}

export type Side = "client" | "server" | "serverHeap";

/** By how much of itself memory grew from one third of a run to its end: medians of a tenth of the run each. */
export function growth(samples: readonly MemorySample[], side: Side): number {
  const last = samples.at(-1)?.seconds ?? 0;
  const between = (from: number, to: number) =>
    median(
      samples
        .filter(({ seconds }) => seconds >= from * last && seconds <= to * last)
        .flatMap((sample) => sample[side] ?? []),
    );
  return between(0.9, 1) / between(1 / 3, 1 / 3 + 0.1) - 1;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}
