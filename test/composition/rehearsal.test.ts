import { expect, it } from "vitest";
import { rehearse } from "../../src/composition/rehearsal/rehearse.ts";
import { documents, memoryStore } from "../store/policies/stores.ts";

it("a rehearsal goes through the stages, rolls back from a failing target, and loses no write (CUT-1 to CUT-3)", {
  timeout: 300_000,
}, async () => {
  const source = memoryStore(undefined, "source");
  await source.upsert(documents);
  const steps: string[] = [];
  const report = await rehearse({
    source,
    namespace: "",
    records: 100,
    faults: ["slow"],
    rate: 10,
    signal: new AbortController().signal,
    onStep: (text) => {
      steps.push(text);
      if (process.env.SHOW) console.log(text);
    },
  });
  expect(report.problems).toEqual([]);
  expect(report.lost).toBe(0);
  expect(report.faults[0]?.report).toContain("rolled back in the stage target");
  expect(steps).toContain("Stage canary, source leads.");
});
