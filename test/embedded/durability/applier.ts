import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { hybridSettings, type Operation } from "./scenario.ts";

const script = fileURLToPath(new URL("apply.js", import.meta.url));

/** A process that applies operations to an index. */
export interface Applier {
  /** Operations acknowledged so far. */
  readonly acknowledged: number;
  /** Resolves once so many are acknowledged, or the process has ended. */
  reached(count: number): Promise<void>;
  /** SIGKILL after so many milliseconds; resolves when the process is gone and its output is read. */
  killAfter(milliseconds: number): Promise<void>;
  /** Rejects when the process ended by an error. */
  readonly ended: Promise<void>;
}

export function startApplier(path: string, operations: readonly Operation[]): Applier {
  const operationsFile = `${path}.operations.json`;
  writeFileSync(operationsFile, JSON.stringify(operations));
  const child = spawn(process.execPath, [script, path, JSON.stringify(hybridSettings), operationsFile]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let acknowledged = 0;
  let errors = "";
  let notify = () => {};
  child.stdout.on("data", (chunk: Buffer) => {
    acknowledged += chunk.filter((byte) => byte === 10).length;
    notify();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    get acknowledged() {
      return acknowledged;
    },
    reached: (count) =>
      new Promise((resolve) => {
        notify = () => void (acknowledged >= count && resolve());
        notify();
        closed.then(() => resolve());
      }),
    async killAfter(milliseconds) {
      await delay(milliseconds);
      child.kill("SIGKILL");
      await closed;
      if (errors !== "") throw new Error(errors);
    },
    ended: closed.then((code) => {
      if (code !== 0 && code !== null) throw new Error(errors);
    }),
  };
}
