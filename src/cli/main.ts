#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { readEnvironment } from "../config/environment.ts";
import { run } from "./run.ts";
import { Terminal } from "./terminal.ts";

const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    controller.abort();
    // A second Ctrl-C does not wait.
    process.once(signal, () => process.exit(130));
  });
}

// `ragfood search … | head` closes the pipe early.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`Error: standard output cannot be written: ${error.message}\n`);
  process.exit(1);
});

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}

const { out, error } = { out: process.stdout, error: process.stderr };
process.exitCode = await run({
  arguments: process.argv.slice(2),
  terminal: new Terminal({ out, error, useColor: out.isTTY === true && out.hasColors() }),
  readEnvironment,
  signal: controller.signal,
  input: process.stdin,
  version: packageVersion(),
});
