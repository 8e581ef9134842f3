import { setTimeout } from "node:timers/promises";

/** Searches after which an index groups its rows in the background. */
const searches = 20;
const windowMilliseconds = 500;
/** The share of a window below which the process has nothing more to do. */
const quietShare = 0.1;
const mostWindows = 600;

/** Searches, then waits until the work that this began in the background is done; milliseconds. */
export async function waitForBackground(search: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let asked = 0; asked < searches; asked++) await search();
  for (let window = 0; window < mostWindows; window++) {
    const before = process.cpuUsage();
    await setTimeout(windowMilliseconds);
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1_000 < quietShare * windowMilliseconds) break;
  }
  return performance.now() - began;
}
