import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DataSettings } from "./data.ts";
import type { Answer, Results, Task } from "./messages.ts";

export interface ParticipantOptions {
  readonly name: string;
  readonly rivals: string;
  readonly directory: string;
  readonly data: DataSettings;
  readonly topK: number;
}

/** A participant as the measuring process sees it: a new process for each opening. */
export class Participant {
  readonly name: string;
  /** Why it takes part no longer. */
  failure: string | undefined;
  note = "";
  filters = false;
  readonly #options: ParticipantOptions;
  #process: ChildProcess | undefined;

  constructor(options: ParticipantOptions) {
    this.name = options.name;
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
  }

  /** Milliseconds until the index is open and has answered the question, if one is given. */
  async open(question?: Float32Array): Promise<number> {
    const { name: participant, rivals, data, directory, topK } = this.#options;
    this.#process = fork(new URL("./worker.js", import.meta.url), {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const loaded = await this.ask({ kind: "load", participant, rivals, data });
    this.note = loaded.note;
    this.filters = loaded.filters;
    return await this.ask({ kind: "open", directory, topK, ...(question && { question }) });
  }

  async ask<T extends Task>(task: T): Promise<Results[T["kind"]]> {
    const child = this.#process;
    if (child === undefined) throw new Error(`${this.name} is not open.`);
    const gone = new AbortController();
    const ended = (code: number | null, signal: string | null): void =>
      gone.abort(new Error(`Its process ended (${signal ?? code}).`));
    child.once("exit", ended);
    try {
      child.send(task);
      const [answer] = (await once(child, "message", { signal: gone.signal }).catch((error: Error) => {
        throw error.cause ?? error;
      })) as [Answer];
      if ("error" in answer) throw new Error(answer.error);
      return answer.result as Results[T["kind"]];
    } finally {
      child.off("exit", ended);
    }
  }

  /** Closes the index and ends the process. */
  async close(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await this.ask({ kind: "close" }).catch(() => undefined);
    const ended = once(child, "exit");
    child.disconnect();
    const kill = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(kill);
  }

  /** Megabytes that its files take. */
  diskMegabytes(): number {
    return allocated(this.#options.directory) / 1e6;
  }
}

const blockBytes = 512;

function allocated(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    bytes += entry.isDirectory() ? allocated(path) : statSync(path).blocks * blockBytes;
  }
  return bytes;
}
