import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { chromaBinding } from "./chroma-binding.ts";

const startMilliseconds = 15_000;

/** Why no Chroma server can run here; `undefined` if one can. On linux-x64 one must. */
export const chromaObstacle: string | undefined = obstacle();

function obstacle(): string | undefined {
  if (chromaBinding() !== undefined) return undefined;
  const platform = `${process.platform}-${process.arch}`;
  if (platform === "linux-x64") throw new Error("chromadb-js-bindings-linux-x64-gnu is not installed.");
  const reason = `NOT RUN: Chroma has no server for ${platform}, so its tests are skipped.`;
  console.warn(reason);
  return reason;
}

/** A Chroma server with its own directory. */
export interface ChromaServer {
  readonly url: string;
  /** Where it keeps its data. */
  readonly directory: string;
  /** Stops it and keeps the directory; `SIGKILL` as a crash does. Default `SIGTERM`. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Ends it, and removes the directory. */
  close(): Promise<void>;
}

/**
 * Without our listener the server spins at SIGTERM instead of ending; `chroma run` would add a process without a
 * listener. The server blocks this thread, so another thread watches whether the parent process is alive.
 */
const program = `
  process.on("SIGTERM", () => process.exit(0));
  const watch = "const parent = process.ppid; setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 500)";
  new (require("node:worker_threads").Worker)(watch, { eval: true });
  require(process.argv[1]).cli(["chroma", "run", "--host", "127.0.0.1", "--path", process.argv[2], "--port", process.argv[3]]);
`;

/**
 * Starts a real Chroma server on loopback and waits until it answers.
 * @param usedPort the port of one that was stopped; default: a free one
 */
export async function startChroma(
  directory: string = mkdtempSync(join(tmpdir(), "ragfood-chroma-")),
  usedPort?: number,
): Promise<ChromaServer> {
  const binding = chromaBinding();
  if (binding === undefined) throw new Error(chromaObstacle);
  const port = usedPort ?? (await freePort());
  const child = spawn(process.execPath, ["-e", program, binding, directory, String(port)], {
    stdio: "ignore",
  });
  const killAtExit = () => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const url = `http://127.0.0.1:${port}`;
  await untilUp(child, `${url}/api/v2/heartbeat`);
  const stop = async (signal: "SIGTERM" | "SIGKILL" = "SIGTERM") => {
    process.off("exit", killAtExit);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  return {
    url,
    directory,
    stop,
    close: async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function untilUp(child: ChildProcess, url: string): Promise<void> {
  const end = performance.now() + startMilliseconds;
  while (performance.now() < end) {
    if (child.exitCode !== null) throw new Error(`Chroma's server ended with status ${child.exitCode}.`);
    const isUp = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await wait(10);
  }
  child.kill("SIGKILL");
  throw new Error("Chroma's server did not start.");
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address ? address.port : 0;
}
