import { expect, it } from "vitest";
import { Ledger } from "../../../src/migration/ledger/index.ts";
import { phasesOf, RunState } from "../../../src/migration/run/state.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

const state = { status: "done", inputs: "x", begunAt: "2026-01-01T00:00:00Z", milliseconds: 1 } as const;
const outcome = { summary: "fine", facts: { count: 1 }, gateFailure: { found: "a", advice: "b" } };
const identity = { source: "a", target: "b", namespace: "", embedding: "carried", template: "" } as const;

it("keeps the phases in the ledger, and forgets those after one that runs again", () => {
  const directory = temporaryDirectory();
  const open = () => Ledger.open({ directory, name: "foods", identity });
  const ledger = open();
  const run = new RunState(ledger);
  for (const name of ["backup", "plan", "export"] as const) run.set(name, { ...state, outcome });
  run.forgetFrom("plan");
  expect(run.phases).toEqual({ backup: { ...state, outcome } });
  ledger.close();
  const reopened = open();
  expect(new RunState(reopened).phases).toEqual({ backup: { ...state, outcome } });
  reopened.close();
});

it.each([
  ["null", null],
  ["a state without an outcome", state],
  ["a status of another version", { ...state, status: "left-out", outcome }],
])("counts a phase as not run if it is kept as %s", (_, plan) => {
  expect(phasesOf({ plan, dance: { ...state, outcome } })).toEqual({});
});
