import { expect, it, vi } from "vitest";
import type { CutoverResponse } from "../../src/server/schemas/cutover.ts";
import { documents, memoryStore } from "../store/policies/stores.ts";
import { check } from "./check.ts";
import { nothingSeen } from "./client.ts";
import { problemsOf } from "./faults.ts";
import { Rehearsal } from "./rehearsal.ts";
import { failureOf } from "./report.ts";

const [one, other] = documents as readonly [(typeof documents)[number], (typeof documents)[number]];

/** A rehearsal at its end: two stores with the same records, which the client has written. */
async function ended() {
  const stores = { source: memoryStore(undefined, "source"), target: memoryStore(undefined, "target") };
  await Promise.all([stores.source.upsert(documents), stores.target.upsert(documents)]);
  const unused = async () => {};
  const parts = {
    urls: [],
    stores,
    foods: [],
    setFaults: unused,
    kill: unused,
    start: unused,
    close: unused,
  };
  const rehearsal = new Rehearsal(parts, 1, () => {});
  const quiet = { isHeld: false, queued: 0, lag: { records: 0, seconds: 0 } } as CutoverResponse;
  vi.spyOn(rehearsal, "cutover").mockResolvedValue(quiet);
  for (const { id, text } of documents)
    rehearsal.client.expected.set(id, { acknowledged: text, unknown: [] });
  return { rehearsal, stores };
}

it("a rehearsal passes if both stores hold each acknowledged write", async () => {
  expect(await check((await ended()).rehearsal)).toEqual({ missing: 0, problems: [] });
});

it("a rehearsal fails if a store lacks an acknowledged write, holds another text, or holds a deleted record", async () => {
  const { rehearsal, stores } = await ended();
  await stores.target.delete({ ids: [one.id] });
  expect((await check(rehearsal)).missing).toBe(1);
  await stores.source.upsert([{ ...other, text: "an older text" }]);
  expect((await check(rehearsal)).missing).toBe(2);
  await stores.target.upsert([one]);
  rehearsal.client.expected.set(one.id, { acknowledged: undefined, unknown: [] });
  expect((await check(rehearsal)).missing).toBe(3);
});

it("a rehearsal accepts a write of unknown outcome, and none that only one store has", async () => {
  const { rehearsal, stores } = await ended();
  rehearsal.client.expected.set("late", { acknowledged: undefined, unknown: ["late text"] });
  const late = { id: "late", text: "late text", metadata: {} };
  await stores.source.upsert([late]);
  const { missing, problems } = await check(rehearsal);
  expect(missing).toBe(0);
  expect(problems).toHaveLength(1);
  await stores.target.upsert([late]);
  expect((await check(rehearsal)).problems).toEqual([]);
});

it("a fault fails if reads move or the source leads too late, unless the machine is busy", () => {
  const report = " rolled back in the stage target on \n## State of the data\n- **critical**: ";
  const fault = { what: "dead", where: "target", rules: ["critical"], seen: nothingSeen(), report };
  expect(problemsOf({ ...fault, switchSeconds: 1.9, settledSeconds: 59 }, true)).toEqual([]);
  const late = { ...fault, switchSeconds: 2, settledSeconds: 60 };
  expect(problemsOf(late, true)).toEqual([
    "dead in target: the target answered reads for 2.0 s after the rollback",
    "dead in target: the source led only after 60.0 s",
  ]);
  expect(problemsOf(late, false)).toEqual([]);
});

it("a phase fails from 1 % of failures that a store could have prevented", () => {
  const seen = { ...nothingSeen(), reads: 100, writes: 100, failedReads: 1, impossible: 0 };
  expect(failureOf("a phase", seen)).toBeUndefined();
  expect(failureOf("a phase", { ...seen, failedWrites: 1, failures: ["a write: 504"] })).toBe(
    "a phase: 2 of 200 requests failed although a store could have answered: a write: 504",
  );
  expect(failureOf("a phase", { ...seen, failedWrites: 9, impossible: 9 })).toBeUndefined();
});
