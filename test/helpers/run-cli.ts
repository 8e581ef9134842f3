import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The built command line. */
export const main: string = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

export interface CliOptions {
  /** The directory that the command runs in: it finds its `.env` and keeps its `.ragfood` there. */
  readonly directory: string;
  readonly environment?: Record<string, string>;
  readonly input?: string;
  /** The user to run as, for root alone. */
  readonly uid?: number;
}

export interface Running {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  /** Resolves when the output, standard or error, holds the text. */
  printed(text: string): Promise<string>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts the built command line as a user would, without the settings of the machine that runs the tests. */
export function startCli(words: readonly string[], options: CliOptions): Running {
  const child = spawn(process.execPath, [main, ...words], {
    cwd: options.directory,
    ...(options.uid !== undefined && { uid: options.uid }),
    env: {
      PATH: process.env.PATH ?? "",
      ...(process.env.TMPDIR !== undefined && { TMPDIR: process.env.TMPDIR }),
      OLLAMA_HOST: "127.0.0.1:9",
      CHROMA_URL: "http://127.0.0.1:9",
      ...options.environment,
    },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let out = "";
  let error = "";
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    notify();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    error += chunk.toString();
    notify();
  });
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  return {
    pid: child.pid as number,
    finished: new Promise((resolve) => {
      child.on("close", (code) => resolve({ code, out, error }));
    }),
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!`${out}${error}`.includes(text)) return;
          watchers.delete(look);
          resolve(out);
        };
        watchers.add(look);
        child.on("close", () => reject(new Error(`It ended without printing "${text}": ${out}${error}`)));
        look();
      }),
    kill: (signal) => void child.kill(signal),
  };
}

export function runCli(words: readonly string[], options: CliOptions): Promise<Finished> {
  return startCli(words, options).finished;
}
