import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foodTemplate } from "../../../src/foods/food.ts";
import { ServiceFaultError } from "../../../src/foundation/errors.ts";
import { toTargetRecord } from "../../../src/migration/target-record.ts";
import {
  repairMarkdown,
  repairRecords,
  verifyMarkdown,
  verifyRecords,
} from "../../../src/migration/verify/index.ts";
import { writeRecords } from "../../../src/migration/write.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { ListSource, openTarget, sampleRecords } from "../records.ts";

const count = 60;

async function copied(records: readonly StoreRecord[] = sampleRecords(count)) {
  const target = openTarget("carried");
  await writeRecords(target, records);
  return { source: new ListSource(records), target, records };
}

/** A fault that is put into the target: its name, and what verification has to call it. */
const faults = {
  missing: ["missing"],
  "cut text": ["text"],
  "number as string": ["metadata"],
  "vector moved": ["vector"],
  "text and metadata": ["text", "metadata"],
} as const;

function damaged(record: StoreRecord, fault: keyof typeof faults): StoreRecord | undefined {
  const text = `${record.text?.slice(0, -1)}`;
  const metadata = { ...record.metadata, energy: String(record.metadata?.energy) };
  switch (fault) {
    case "missing":
      return undefined;
    case "cut text":
      return { ...record, text };
    case "number as string":
      return { ...record, metadata };
    case "vector moved":
      return { ...record, vector: [...record.vector!].map((value) => value + 0.01) };
    case "text and metadata":
      return { ...record, text, metadata };
  }
}

describe("repairRecords (MIG-6)", () => {
  it("mends random faults, which are those that verification reports, and no other record is written", async () => {
    const arbitrary = fc.record({
      faulty: fc.dictionary(
        fc.nat(count - 1).map((place) => `food-${place}`),
        fc.constantFrom(...(Object.keys(faults) as (keyof typeof faults)[])),
        { maxKeys: 12 },
      ),
      foreign: fc.uniqueArray(
        fc.string({ minLength: 1 }).map((id) => `x${id}`),
        { maxLength: 3 },
      ),
      batchSize: fc.integer({ min: 1, max: 70 }),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ faulty, foreign, batchSize }) => {
        const { source, target, records } = await copied();
        const { store, namespace } = target;
        for (const record of records) {
          const fault = faulty[record.id];
          if (fault === undefined) continue;
          const replacement = damaged(record, fault);
          if (replacement) await store.upsertRecords([replacement], { namespace });
          else await store.delete({ ids: [record.id] }, { namespace });
        }
        for (const id of foreign) await store.upsertRecords([{ ...records[0]!, id }], { namespace });
        const injected = [
          ...Object.entries(faulty).flatMap(([id, fault]) => faults[fault].map((kind) => `${id} ${kind}`)),
          ...foreign.map((id) => `${id} extra`),
        ];
        const report = await verifyRecords({ source, target, settings: { batchSize } });
        expect(report.differences.map(({ id, kind }) => `${id} ${kind}`).sort()).toEqual(injected.sort());

        const repair = await repairRecords({ source, target, settings: { batchSize, deleteExtras: true } });
        expect(repair.found).toEqual(report.counts);
        expect([...repair.sentIds].sort()).toEqual(Object.keys(faulty).sort());
        expect(repair).toMatchObject({ isIdentical: true, deleted: foreign.length, remainingCount: 0 });
        expect((await verifyRecords({ source, target })).isIdentical).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it("keeps extras by default, and on request deletes only those that the migration wrote", async () => {
    const { source, target, records } = await copied();
    source.list = records.slice(2);
    const kept = await repairRecords({ source, target });
    expect(kept).toMatchObject({ isIdentical: false, deleted: 0, remaining: { extra: 2 } });
    expect(repairMarkdown(kept)).toContain("# Repair: differences remain");
    const settings = { deleteExtras: true };
    const wasWritten = async (id: string) => id === "food-1";
    const some = await repairRecords({ source, target, settings, wasWritten });
    expect(some).toMatchObject({ deleted: 1, remaining: { extra: 1 } });
    expect(some.differences.map(({ id }) => id)).toEqual(["food-0"]);
    expect(await repairRecords({ source, target, settings })).toMatchObject({
      deleted: 1,
      isIdentical: true,
    });
  });

  it("deletes nothing if the source is empty or changes, and no record added meanwhile", async () => {
    const { source, target, records } = await copied(sampleRecords(5));
    const settings = { deleteExtras: true };
    source.list = [];
    const empty = await repairRecords({ source, target, settings });
    expect(empty).toMatchObject({ deleted: 0, remaining: { extra: 5 } });
    expect(empty.deletionWithheld).toContain("The source is empty");

    source.list = records.slice(1);
    const describeSource = source.describe.bind(source);
    source.describe = async () => ({ ...(await describeSource()), recordCount: 5 });
    const changing = await repairRecords({ source, target, settings });
    expect(changing.deletionWithheld).toContain("gave 4 records and counts 5");
    source.describe = describeSource;

    const wasWritten = () => {
      source.list = [...records];
      return true;
    };
    expect((await repairRecords({ source, target, settings, wasWritten })).deleted).toBe(0);
    expect((await target.store.fetch(["food-0"], { namespace: "foods" }))[0]?.id).toBe("food-0");
  });

  it("continues after records that the target refuses, and names them", async () => {
    const { source, target, records } = await copied(sampleRecords(20));
    source.list = records.map((record, place) =>
      place % 9 === 4 ? { ...record, metadata: { large: "x".repeat(50_000) } } : { ...record, text: "new" },
    );
    const repair = await repairRecords({ source, target });
    expect(repair).toMatchObject({ sent: 18, refusedCount: 2, remaining: { text: 0, metadata: 14 } });
    expect(repair.refused.map(({ id }) => id)).toEqual(["food-4", "food-13"]);
    expect(repair.refused[0]?.reason).toMatch(/metadata/i);
    expect(repairMarkdown(repair)).toContain("refuses 2 records");
  });

  it("stops at a fault of the service, and continues when it is run again", async () => {
    const { source, target } = await copied(sampleRecords(30));
    await target.store.reset({ namespace: "foods" });
    const upsert = target.store.upsertRecords.bind(target.store);
    let calls = 0;
    target.store.upsertRecords = async (batch, options) => {
      if (++calls === 2) throw new ServiceFaultError("embedded", "gone");
      return upsert(batch, options);
    };
    const settings = { writeBatchSize: 10 };
    await expect(repairRecords({ source, target, settings })).rejects.toThrow("gone");
    expect(await repairRecords({ source, target, settings })).toMatchObject({ sent: 20, isIdentical: true });
  });

  it("fills texts into the template if the target embeds", async () => {
    const records = sampleRecords(10);
    const target = openTarget("target");
    const transformation = { embedding: target.embedding, template: foodTemplate };
    await writeRecords(
      target,
      records.slice(3).map((record) => toTargetRecord(record, transformation)),
    );
    const source = new ListSource([...records, { id: "bare" }]);
    const settings = { template: foodTemplate };
    const repair = await repairRecords({ source, target, settings });
    expect(repair).toMatchObject({ sent: 3, refusedCount: 1, remaining: { missing: 1 } });
    expect(repair.refused[0]).toMatchObject({ id: "bare" });
    const report = await verifyRecords({ source, target, settings });
    expect(report.counts).toMatchObject({ missing: 1, text: 0 });
    expect(verifyMarkdown(report)).toContain("id, text as filled into the template, metadata");
    expect(verifyMarkdown(await verifyRecords({ source, target }))).toContain("id, text, metadata");
  });

  it("counts every record that it writes, and lists the ids of the first 100", async () => {
    const { source, target, records } = await copied(sampleRecords(120));
    await target.store.delete({ ids: records.map(({ id }) => id) }, { namespace: target.namespace });
    const repair = await repairRecords({ source, target });
    expect(repair).toMatchObject({ isIdentical: true, sent: 120 });
    expect(repair.sentIds).toEqual(records.slice(0, 100).map(({ id }) => id));
  });

  it("leaves an id that the source gives twice after its first record", async () => {
    const { source, target, records } = await copied(sampleRecords(3));
    source.list.push({ ...records[1]!, text: "another" });
    for (let round = 0; round < 2; round++) {
      const repair = await repairRecords({ source, target });
      expect(repair).toMatchObject({ sent: 0, remaining: { "duplicate-id": 1, text: 1 } });
    }
  });
});
