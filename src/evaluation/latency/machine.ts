import { cpus, freemem, loadavg, totalmem } from "node:os";

/** What a measurement was made on, and how busy that was: figures without it cannot be compared. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes. */
  readonly freeMemory: number;
  readonly node: string;
  /** Mean number of processes that wanted to run, over 1, 5 and 15 minutes; zeros on Windows. */
  readonly load: readonly number[];
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memory: totalmem(),
    freeMemory: freemem(),
    node: process.version,
    load: loadavg(),
  };
}
