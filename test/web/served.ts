import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** `ragfood serve` in a process of its own, with an empty state and the foods of the package. */
export async function startServe(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), "ragfood-serve-"));
  const child = spawn(process.execPath, [command, "serve", "--port", "0", "--json"], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory, RAGFOOD_DIR: directory, GENERATOR: "extractive" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const stop = async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
    rmSync(directory, { recursive: true, force: true });
  };
  for await (const line of createInterface(child.stdout)) {
    const url = /"(http:[^"]+)"/.exec(line)?.[1];
    if (url !== undefined) return { url, stop };
  }
  await stop();
  throw new Error("ragfood serve ended before it was ready.");
}
