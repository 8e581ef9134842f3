import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds that a process has to answer after its start, on a busy machine. */
const startMs = 60_000;

export interface ServerCommand {
  /** Of Node.js, the program first. */
  readonly words: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Answers with a status below 500 when the server is ready. */
  readonly probe: string;
}

/** They end with this process. */
const started = new Set<ServerProcess>();
process.once("exit", () => {
  for (const server of started) server.end();
});

/** A server in a process of its own, which can be killed and started again at the same address. */
export class ServerProcess {
  readonly #command: ServerCommand;
  #child: ChildProcess | undefined;
  #errors = "";

  constructor(command: ServerCommand) {
    this.#command = command;
    started.add(this);
  }

  async start(): Promise<void> {
    const { words, directory, environment, probe } = this.#command;
    const child = spawn(process.execPath, words, {
      cwd: directory,
      env: { PATH: process.env.PATH ?? "", ...environment },
      stdio: [
        "ignore",
        process.env.REHEARSAL_LOG ? openSync(process.env.REHEARSAL_LOG, "a") : "ignore",
        "pipe",
      ],
    });
    this.#child = child;
    child.stderr?.on("data", (piece: Buffer) => {
      this.#errors = (this.#errors + piece.toString()).slice(-4_096);
    });
    const end = performance.now() + startMs;
    while (!(await answers(probe))) {
      if (child.exitCode !== null) throw new Error(`${words.join(" ")} ended: ${this.#errors}`);
      if (performance.now() > end) throw new Error(`${words.join(" ")} does not answer: ${this.#errors}`);
      await wait(50);
    }
  }

  end(): void {
    this.#child?.kill("SIGKILL");
  }

  /** As `kill -9`: nothing is finished, nothing is said to clients. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).status < 500;
  } catch {
    return false;
  }
}
