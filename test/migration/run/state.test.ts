import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { StorageError } from "../../../src/foundation/errors.ts";
import { RunState } from "../../../src/migration/run/state.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

const state = { status: "done", inputs: "x", begunAt: "2026-01-01T00:00:00Z", milliseconds: 1 } as const;

it("keeps what it was told", async () => {
  const directory = temporaryDirectory();
  const outcome = { summary: "fine", facts: { count: 1 }, refusal: { found: "a", advice: "b" } };
  await RunState.read(directory).set("plan", { ...state, outcome });
  expect(RunState.read(directory).phases).toEqual({ plan: { ...state, outcome } });
});

it.each([
  ["no phases", { phases: null }],
  ["a phase that is none", { phases: { plan: null } }],
  ["a phase without its outcome", { phases: { plan: state } }],
  ["a phase that there is not", { phases: { dance: { ...state, outcome: { summary: "", facts: 1 } } } }],
  ["another version", { formatVersion: 2, phases: {} }],
])("refuses a file with %s, and says what to do", (_, content) => {
  const directory = temporaryDirectory();
  const file = { format: "ragfood-migration", formatVersion: 1, ...content };
  writeFileSync(join(directory, "phases.json"), JSON.stringify(file));
  expect(() => RunState.read(directory)).toThrow(StorageError);
});
