import { readdirSync, readFileSync } from "node:fs";

/** Without a limit of the system, connections that are kept at most. */
const mostConnections = 10_000;

/** Open files that are left for databases, side files and the refusal of connections. */
const filesReserved = 40;

/** Connections that this process can serve, by its limit of open files (`ulimit -n`). */
export function connectionCapacity(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    const openFiles = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
    const inUse = readdirSync("/proc/self/fd").length;
    return Math.max(1, Math.min(mostConnections, openFiles - inUse - filesReserved));
  } catch {
    return mostConnections;
  }
}
