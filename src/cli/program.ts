import { readFileSync } from "node:fs";
import { readEnvironment, takesEscapeCodes } from "../config/environment.ts";
import { exitCodes, reportFailure } from "./failure.ts";
import { guardOutput } from "./guarded-output.ts";
import { has, isDebugging, run } from "./run.ts";
import { Terminal } from "./terminal.ts";

const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    controller.abort();
    // A second Ctrl-C does not wait.
    process.once(signal, () => process.exit(exitCodes.cancelled));
  });
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}

const output = guardOutput(process.stdout, process.stderr);
const terminal = new Terminal({
  out: process.stdout,
  error: process.stderr,
  useColor: process.stdout.isTTY === true && process.stdout.hasColors(),
  takesEscapes: takesEscapeCodes(),
});

/** Handles an uncaught error: prints a short message without a stack trace and exits, because the state is unknown. */
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (fault: unknown) => {
    reportFailure(fault, terminal, {
      asJson: has(process.argv, "--json"),
      debug: isDebugging(readEnvironment),
    });
    process.exit(exitCodes.failed);
  });
}

const code = await run({
  arguments: process.argv.slice(2),
  terminal,
  readEnvironment,
  signal: controller.signal,
  input: process.stdin,
  version: packageVersion(),
});
process.exitCode = code;
// What was printed last may fail after this line.
output.onFault((error) => {
  terminal.note(`Error: standard output cannot be written: ${error.message}`);
  if (code === exitCodes.done) process.exitCode = exitCodes.failed;
});

/**
 * A connection that no signal cancels, as a tunnel that a proxy never opens, does not keep a finished process alive.
 * Output that is still being written does.
 */
setInterval(() => {
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
}, 500).unref();
