import { expect, it } from "vitest";
import { displayRun } from "../../src/cli/migration-display.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import type { RunEvent } from "../../src/migration/run/index.ts";

const retry: RunEvent = {
  type: "batch-retry",
  phase: "import",
  records: 100,
  error: "connection",
  message: "No connection to http://127.0.0.1:8079: ECONNREFUSED.",
  failuresInRow: 3,
  maximumFailures: 8,
  waitMs: 2_000,
  batchSize: 100,
  concurrency: 4,
};

it("an import whose target is down says why, how long it waits, and that stopping is safe", () => {
  let error = "";
  const stream = { write: (text: string) => (error += text) } as unknown as NodeJS.WriteStream;
  const show = displayRun(new Terminal({ out: stream, error: stream, useColor: false }), false);
  show({ ...retry, failuresInRow: 0 });
  expect(error).toBe("");
  show(retry);
  show({ ...retry, failuresInRow: 4 });
  expect(error).toBe(
    "The target fails: No connection to http://127.0.0.1:8079: ECONNREFUSED. Trying again in 2 s; failure 3 of 9. Ctrl-C stops safely: the same command continues.\n",
  );
});

it("the comparison is one sentence among the phases, since the last lines of a run repeat it in full", () => {
  let out = "";
  const stream = { write: (text: string) => (out += text) } as unknown as NodeJS.WriteStream;
  const show = displayRun(new Terminal({ out: stream, error: stream, useColor: false }), false);
  const summary = "99.5 % of 30 records are found by their own vector. The same but for ties.";
  show({ type: "phase-end", phase: "compare", summary, milliseconds: 1_200 });
  expect(out).toBe("done       compare 99.5 % of 30 records are found by their own vector. (1.2 s)\n");
});
