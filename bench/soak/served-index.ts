import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { MemoryUsage } from "./memory.ts";

/** In the served process and its workers: reports its memory after garbage collection, and ends with its parent. */
const companion = `
  import { getHeapSpaceStatistics } from "node:v8";
  process.on("message", (message) => {
    if (message !== "collect") return;
    gc({ type: "major", flavor: "last-resort", execution: "sync" });
    process.send({ ...process.memoryUsage(), spaces: getHeapSpaceStatistics() });
  });
  process.on("disconnect", () => process.exit());
  process.channel.unref();
`;

/**
 * V8 sizes its young generation by load, up to two semi-spaces of 16 MiB, and shrinks it when idle. Starting it at its
 * limit means that most remaining growth has another cause.
 */
const steadyYoungGeneration = "--min-semi-space-size=16";

/** `ragfood emulator` in a separate process, with its index on disk. */
export class ServedIndex {
  readonly url: string;
  readonly token: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, url: string, token: string) {
    this.#process = process;
    this.url = url;
    this.token = token;
  }

  /** @param flags more flags of the command, like the kind of index */
  static async start(
    directory: string,
    token: string,
    workers = 1,
    flags: readonly string[] = [],
  ): Promise<ServedIndex> {
    const command = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
    const child = spawn(
      process.execPath,
      [
        "--expose-gc",
        steadyYoungGeneration,
        `--import=data:text/javascript,${encodeURIComponent(companion)}`,
        ...[command, "emulator", "--port", "0", "--data", directory, "--token", token, "--json"],
        ...["--workers", String(workers), "--log", "off", ...flags],
      ],
      { stdio: ["ignore", "pipe", "inherit", "ipc"], env: { PATH: process.env.PATH ?? "" }, cwd: directory },
    );
    const { url } = await firstJson<{ url: string }>(child);
    return new ServedIndex(child, url, token);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The memory of this process and its workers, in bytes: their shares of what they share (PSS of Linux). */
  residentBytes(): number {
    const processes = readdirSync("/proc").filter(
      (name) => name === String(this.pid) || (/^\d+$/.test(name) && parentOf(name) === this.pid),
    );
    return processes.reduce((sum, pid) => sum + proportionalBytes(pid), 0);
  }

  /** What the process takes after a collection of garbage. */
  async memoryUsage(): Promise<MemoryUsage> {
    this.#process.send("collect");
    const [usage] = (await once(this.#process, "message")) as [MemoryUsage];
    return usage;
  }

  /** Changes the faults that the emulator simulates. */
  async setFaults(faults: { latencyMs?: number; requestsPerSecond?: number }): Promise<void> {
    await fetch(`${this.url}/emulator-faults`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.token}` },
      body: JSON.stringify(faults),
    });
  }

  /** SIGKILL takes the process as a power cut would; SIGTERM lets it close its files. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill(signal);
    await ended;
  }
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    // It has ended.
    return undefined;
  }
}

function proportionalBytes(pid: string): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1]) * 1_024;
}

/** A line that a process prints, as soon as it is complete. */
async function firstJson<T>(child: ChildProcess): Promise<T> {
  let text = "";
  for await (const chunk of (child.stdout as Readable).iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.endsWith("}\n")) return JSON.parse(text) as T;
  }
  throw new Error(`The served index has ended: ${text}`);
}
