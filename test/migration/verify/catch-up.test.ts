import { describe, expect, it } from "vitest";
import { CancelledError, UsageError } from "../../../src/foundation/errors.ts";
import { catchUp, catchUpMarkdown, verifyRecords } from "../../../src/migration/verify/index.ts";
import { writeRecords } from "../../../src/migration/write.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { ListSource, openTarget, sampleRecords } from "../records.ts";

async function copied(records: readonly StoreRecord[]) {
  const target = openTarget("carried");
  await writeRecords(target, records);
  return { source: new ListSource(records), target };
}

describe("catchUp (MIG-11)", () => {
  it("converges on a source that changes between rounds, deletions included", async () => {
    const records = sampleRecords(40);
    const { source, target } = await copied(records.slice(0, 30));
    const foreign = { ...records[0]!, id: "foreign" };
    await target.store.upsertRecords([foreign], { namespace: target.namespace });
    const written = new Set(records.map(({ id }) => id));
    const later: ((list: StoreRecord[]) => StoreRecord[])[] = [
      (list) => list.map((record) => (record.id === "food-7" ? { ...record, text: "rewritten" } : record)),
      (list) => list.filter(({ id }) => id !== "food-8"),
    ];
    source.list = records;
    const report = await catchUp({
      source,
      target,
      settings: { deleteExtras: true },
      wasWritten: (id) => written.has(id),
      onEvent: (event) => {
        if (event.type === "catch-up-round-end") source.list = later.shift()?.(source.list) ?? source.list;
      },
    });
    expect(report.rounds.map(({ sent, deleted }) => [sent, deleted])).toEqual([
      [10, 0],
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    expect(report.hasConverged).toBe(true);
    // The record that others wrote stays, and is reported.
    expect(report.isIdentical).toBe(false);
    expect(report.rounds.at(-1)?.differences.map(({ id, kind }) => [id, kind])).toEqual([
      ["foreign", "extra"],
    ]);
    expect(catchUpMarkdown(report)).toContain("nothing is left to write, and differences remain");
    await target.store.delete({ ids: ["foreign"] }, { namespace: target.namespace });
    expect((await verifyRecords({ source, target })).isIdentical).toBe(true);
  });

  it("ends after its rounds if the source keeps changing", async () => {
    const { source, target } = await copied(sampleRecords(5));
    let writes = 0;
    const change = () => {
      source.list = source.list.map((record) => ({ ...record, text: `text ${writes}` }));
      writes++;
    };
    change();
    const report = await catchUp({
      source,
      target,
      settings: { rounds: 3, pauseMs: 1 },
      onEvent: ({ type }) => type === "catch-up-round-end" && change(),
    });
    expect(report).toMatchObject({ hasConverged: false, isIdentical: false });
    expect(report.rounds).toHaveLength(3);
    expect(catchUpMarkdown(report)).toContain("still changing");
  });

  it("agrees at once if nothing changed, and deletes nothing without the flag", async () => {
    const records = sampleRecords(6);
    const { source, target } = await copied(records);
    expect(await catchUp({ source, target })).toMatchObject({ isIdentical: true, rounds: [{ sent: 0 }] });
    source.list = records.slice(1);
    const report = await catchUp({ source, target, wasWritten: () => true });
    expect(report).toMatchObject({ hasConverged: true, isIdentical: false, rounds: [{ deleted: 0 }] });
  });

  it("refuses deletions without a record of what was written, and stops in a pause", async () => {
    const { source, target } = await copied(sampleRecords(2));
    await expect(catchUp({ source, target, settings: { deleteExtras: true } })).rejects.toThrow(UsageError);
    source.list.push({ ...sampleRecords(3)[2]! });
    const controller = new AbortController();
    const catching = catchUp({
      source,
      target,
      settings: { pauseMs: 60_000 },
      signal: controller.signal,
      onEvent: ({ type }) => type === "catch-up-round-end" && setTimeout(() => controller.abort()),
    });
    await expect(catching).rejects.toThrow(CancelledError);
  });
});
