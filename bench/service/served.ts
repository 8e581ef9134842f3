import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Clock ticks a second in /proc; 100 on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

/** `ragfood serve` in a process of its own, on an index of the shipped foods. */
export class ServedProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(url: string, child: ChildProcess, directory: string) {
    this.url = url;
    this.#child = child;
    this.#directory = directory;
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<ServedProcess> {
    const directory = mkdtempSync(join(tmpdir(), "ragfood-bench-"));
    const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
    const child = spawn(process.execPath, [main, "serve", "--port", "0", "--json"], {
      cwd: directory,
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: process.env.PATH ?? "", GENERATOR: "extractive", ...environment },
    });
    let printed = "";
    for await (const chunk of child.stdout) {
      printed += String(chunk);
      const url = /"url":\s*"([^"]+)"/.exec(printed)?.[1];
      if (url === undefined) continue;
      child.stdout.resume();
      return new ServedProcess(url, child, directory);
    }
    throw new Error("The service ended without an address.");
  }

  /** Resident bytes without the pages of the program file. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
  }

  /** Milliseconds of processor time that the process has taken. */
  get processorMs(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await once(this.#child, "exit");
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
