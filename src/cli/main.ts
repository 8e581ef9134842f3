#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { readEnvironment } from "../config/environment.ts";
import { exitCodes, reportFailure } from "./failure.ts";
import { isDebugging, run } from "./run.ts";
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
  terminal.note(`Error: standard output cannot be written: ${error.message}`);
  process.exit(1);
});

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}

const { out, error } = { out: process.stdout, error: process.stderr };
const terminal = new Terminal({ out, error, useColor: out.isTTY === true && out.hasColors() });

/** What nobody caught: a short message in place of a stack trace, and the end, as the state is unknown. */
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (fault: unknown) => {
    reportFailure(fault, terminal, {
      asJson: process.argv.includes("--json"),
      debug: isDebugging(readEnvironment),
    });
    process.exit(exitCodes.failed);
  });
}

process.exitCode = await run({
  arguments: process.argv.slice(2),
  terminal,
  readEnvironment,
  signal: controller.signal,
  input: process.stdin,
  version: packageVersion(),
});
