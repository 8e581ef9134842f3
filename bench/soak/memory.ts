import { readFileSync } from "node:fs";
import { getHeapSpaceStatistics, type HeapSpaceInfo, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ServedIndex } from "./served-index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as (options: object) => void;

/** Gives back what it can to the system as well: pages that are kept for later are no growth. */
const thoroughly = { type: "major", flavor: "last-resort", execution: "sync" };

/** Bytes of a process after a collection of garbage. */
export interface MemoryParts {
  /** The sum of the next three. */
  readonly resident: number;
  /** What V8 allocates new objects in, however few of them are left. */
  readonly young: number;
  /** V8's other spaces: objects that stay, and code. */
  readonly old: number;
  /** Outside V8: SQLite with its page cache, buffers, sockets, what the allocator keeps, Node.js itself. */
  readonly native: number;
  /** Of `young` and `old`, what objects take. */
  readonly used: number;
  /** The part of `native` in JavaScript buffers, such as large columns and postings of mirrors. */
  readonly buffers: number;
}

export interface MemorySample {
  /** From the end of the warm-up, negative before. */
  readonly seconds: number;
  readonly client: MemoryParts;
  /** Missing while the served index is down. */
  readonly server: MemoryParts | undefined;
}

export async function sampleMemory(seconds: number, server: ServedIndex | undefined): Promise<MemorySample> {
  collectGarbage(thoroughly);
  const client = partsOf(process.pid, { ...process.memoryUsage(), spaces: getHeapSpaceStatistics() });
  const usage = await server?.memoryUsage();
  return { seconds, client, server: usage && partsOf(server?.pid, usage) };
}

/** Memory figures that a process reports. */
export interface MemoryUsage extends NodeJS.MemoryUsage {
  readonly spaces: readonly HeapSpaceInfo[];
}

function partsOf(pid: number | undefined, usage: MemoryUsage): MemoryParts {
  const resident = residentBytes(pid, usage);
  const bytesIn = (isWanted: (isNew: boolean) => boolean) =>
    usage.spaces
      .filter(({ space_name: name }) => isWanted(name.startsWith("new_")))
      .reduce((sum, space) => sum + space.physical_space_size, 0);
  const [young, old] = [bytesIn((isNew) => isNew), bytesIn((isNew) => !isNew)];
  return {
    resident,
    young,
    old,
    native: resident - young - old,
    used: usage.heapUsed,
    buffers: usage.arrayBuffers,
  };
}

/**
 * Resident memory and its anonymous part (RssAnon, if the system reports it). Pages of the program file, 41 MB for
 * Node.js, vary with other load on the machine.
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

/** What growth is looked for in: all, and all but a part that is as large as V8 likes and would hide the rest. */
export const measures: Readonly<Record<string, (parts: MemoryParts) => number>> = {
  memory: ({ resident }) => resident,
  "memory without the young generation": ({ old, native }) => old + native,
};

export type Side = "client" | "server";

/**
 * By how much of itself what `bytesOf` counts grew after the warm-up: its peak in the last three tenths of the run
 * against that in the first three. Peaks, because a mirror keeps rows that no longer count until they are 1,024:
 * what they take comes and goes, in some two minutes under full load.
 */
export function growth(
  samples: readonly MemorySample[],
  side: Side,
  bytesOf: (parts: MemoryParts) => number,
): number {
  const last = samples.at(-1)?.seconds ?? 0;
  const peak = (from: number, to: number) =>
    Math.max(
      ...samples
        .filter(({ seconds }) => seconds >= from * last && seconds <= to * last)
        .flatMap((sample) => sample[side] ?? [])
        .map(bytesOf),
    );
  return peak(0.7, 1) / peak(0, 0.3) - 1;
}
