import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { foodTemplate } from "../../../src/foods/food.ts";
import { CancelledError, UsageError } from "../../../src/foundation/errors.ts";
import type { MigrationTarget } from "../../../src/migration/target.ts";
import { toTargetRecord } from "../../../src/migration/target-record.ts";
import type { Difference, VerifyEvent } from "../../../src/migration/verify/index.ts";
import { verifyMarkdown, verifyRecords } from "../../../src/migration/verify/index.ts";
import { writeRecords } from "../../../src/migration/write.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { ListSource, lexicalIndex, openTarget, sampleRecords } from "../records.ts";

async function copied(records: readonly StoreRecord[]) {
  const target = openTarget("carried");
  await writeRecords(target, records);
  return { source: new ListSource(records), target };
}

function change(target: MigrationTarget, record: StoreRecord, parts: Partial<StoreRecord>): Promise<void> {
  return target.store.upsertRecords([{ ...record, ...parts }], { namespace: target.namespace });
}

function brief(differences: readonly Difference[]): string[] {
  return differences.map(({ kind, id, path, change: how }) =>
    [kind, id, ...(path === undefined ? [] : [path, how])].join(" "),
  );
}

describe("verifyRecords, carried vectors (MIG-6)", () => {
  it("finds nothing on a clean copy, and the contents hash alike", async () => {
    const { source, target } = await copied(sampleRecords(1_050));
    const report = await verifyRecords({ source, target });
    expect(report).toMatchObject({
      isIdentical: true,
      equalCount: 1_050,
      differenceCount: 0,
      source: { recordCount: 1_050 },
      target: { recordCount: 1_050 },
    });
    expect(report.contentHashes.source).toBe(report.contentHashes.target);
    expect(verifyMarkdown(report)).toMatch(/^# Verification: identical\n\n1,050 of 1,050 records/);
  });

  it("finds each fault among thousands, exactly those, and in the order of the source", async () => {
    const records = sampleRecords(3_000);
    const { source, target } = await copied(records);
    const at = (place: number) => records[place] as StoreRecord;
    const { namespace, store } = target;
    await store.delete({ ids: ["food-500", "food-1500", "food-2500"] }, { namespace });
    await change(target, at(10), { metadata: { ...at(10).metadata, energy: "10" } });
    await change(target, at(20), { vector: at(21).vector! });
    await change(target, at(21), { vector: at(20).vector! });
    await change(target, at(30), { text: at(30).text!.slice(0, -4) });
    await change(target, at(40), { text: at(40).text!.normalize("NFD") });
    await change(target, { ...at(0), id: "foreign" }, {});
    const report = await verifyRecords({ source, target });
    expect(brief(report.differences)).toEqual([
      "metadata food-10 energy type",
      "vector food-20",
      "vector food-21",
      "text food-30",
      "text food-40",
      "missing food-500",
      "missing food-1500",
      "missing food-2500",
      "extra foreign",
    ]);
    expect(report.isIdentical).toBe(false);
    expect(report.equalCount).toBe(2_992);
    expect(report.contentHashes.source).not.toBe(report.contentHashes.target);
    const details = report.differences.map(({ detail }) => detail);
    expect(details[0]).toBe("is a string, not a number");
    expect(details[3]).toMatch(/^is cut off: \d+ of \d+ characters$/);
    expect(details[4]).toContain("Unicode normalisation");
    const markdown = verifyMarkdown(report);
    expect(markdown).toContain("# Verification: not identical");
    expect(markdown).toContain("9 differences: 3 missing, 1 extra, 2 text, 1 metadata, 2 vector.");
    expect(markdown).toContain(
      '- `"food-10"` metadata `energy` is a string, not a number: source `10`, target `"10"`',
    );
  });

  it.each(["carried", "target"] as const)("takes no metadata for empty metadata: %s", async (embedding) => {
    const records = sampleRecords(3).map(({ metadata: _, ...record }) => record);
    const target = openTarget(embedding);
    await writeRecords(target, records);
    const report = await verifyRecords({ source: new ListSource(records), target });
    expect(report.isIdentical).toBe(true);
    expect(report.contentHashes.source).toBe(report.contentHashes.target);
  });

  it("accepts vectors within the tolerance and -0 for 0, and no normalised ones", async () => {
    const records = sampleRecords(3).map((record, place) => ({
      ...record,
      vector: Float32Array.of(place === 2 ? -0 : 0.25, 2, 3, 6),
    }));
    const { source, target } = await copied(records);
    await change(target, records[0]!, { vector: [0.25 + 9e-7, 2, 3, 6] });
    await change(target, records[2]!, { vector: [0, 2, 3, 6] });
    expect((await verifyRecords({ source, target })).isIdentical).toBe(true);
    const strict = await verifyRecords({ source, target, settings: { vectorTolerance: 0 } });
    expect(brief(strict.differences)).toEqual(["vector food-0"]);
    await change(target, records[1]!, { vector: [0.25, 2, 3, 6].map((value) => value / 7.004) });
    const [difference] = (await verifyRecords({ source, target })).differences;
    expect(difference).toMatchObject({ kind: "vector", id: "food-1" });
    expect(difference?.detail).toContain("it has the same direction, with length 1.000, not 7.004");
  });

  it("reports ids that the source gives twice, and a source that changes meanwhile", async () => {
    const records = sampleRecords(5);
    const { source, target } = await copied(records);
    source.list.push(records[2]!);
    const twice = await verifyRecords({ source, target });
    expect(brief(twice.differences)).toEqual(["duplicate-id food-2"]);
    source.list.pop();
    const report = await verifyRecords({
      source,
      target,
      onEvent: ({ type }) => {
        if (type === "verify-progress" && source.list.length === 5) source.list.push({ id: "late" });
      },
    });
    expect(report).toMatchObject({ isIdentical: false, differenceCount: 0 });
    expect(report.sourceChange).toContain("gave 5 records and counts 5 before and 6 after");
    expect(verifyMarkdown(report)).toContain("Verify again once it is at rest.");
  });

  it("lists the first differences, counts all, and writes all to a file", async () => {
    const records = sampleRecords(300);
    const { source, target } = await copied(records.slice(0, 100));
    source.list = records;
    const differencesFile = join(temporaryDirectory(), "differences.jsonl");
    const events: VerifyEvent[] = [];
    const settings = { maximumListed: 7, differencesFile, batchSize: 32 };
    const report = await verifyRecords({ source, target, settings, onEvent: (event) => events.push(event) });
    expect(report.counts.missing).toBe(200);
    expect(report.differences).toHaveLength(7);
    expect(verifyMarkdown(report)).toContain("- and 193 more");
    const lines = readFileSync(differencesFile, "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(records.slice(100).map(({ id }) => id));
    expect(events.filter(({ type }) => type === "verify-mismatch")).toHaveLength(200);
    expect(events.at(-1)).toEqual({
      type: "verify-progress",
      phase: "extras",
      done: 100,
      total: 100,
      differenceCount: 200,
    });
  });

  it("stops when it is cancelled, and refuses settings out of range", async () => {
    const { source, target } = await copied(sampleRecords(50));
    const controller = new AbortController();
    const verifying = verifyRecords({
      source,
      target,
      settings: { batchSize: 5, concurrency: 2 },
      signal: controller.signal,
      onEvent: () => controller.abort(),
    });
    await expect(verifying).rejects.toThrow(CancelledError);
    await expect(verifyRecords({ source, target, settings: { batchSize: 0 } })).rejects.toThrow(UsageError);
    await expect(verifyRecords({ source, target, settings: { vectorTolerance: -1 } })).rejects.toThrow(
      UsageError,
    );
  });

  it("fails if the target fails, and leaves no fetch running", async () => {
    const { source, target } = await copied(sampleRecords(50));
    let calls = 0;
    const fetch = target.store.fetch.bind(target.store);
    target.store.fetch = async (ids, options) => {
      if (++calls === 3) throw new Error("gone");
      return fetch(ids, options);
    };
    const settings = { batchSize: 5, concurrency: 4 };
    await expect(verifyRecords({ source, target, settings })).rejects.toThrow("gone");
    expect(calls).toBeLessThanOrEqual(6);
  });
});

describe("verifyRecords, the target embeds (MIG-6, RAG-8)", () => {
  it.each([
    ["dense", undefined],
    ["lexical", lexicalIndex],
  ])("checks texts against the template, and requires vectors: %s", async (_, index) => {
    const records = sampleRecords(40);
    const target = openTarget("target", index);
    const transformation = { embedding: target.embedding, template: foodTemplate };
    await writeRecords(
      target,
      records.map((record) => toTargetRecord(record, transformation)),
    );
    const source = new ListSource(records);
    const settings = { template: foodTemplate };
    expect((await verifyRecords({ source, target, settings })).isIdentical).toBe(true);
    const plain = await verifyRecords({ source, target });
    expect(plain.counts).toMatchObject({ text: 40, metadata: 80, vector: 0 });
    const { store, namespace } = target;
    const fetch = store.fetch.bind(store);
    store.fetch = async (ids, options) => {
      const found = await fetch(ids, options);
      return found.map((record) => {
        if (record?.id !== "food-3") return record;
        const { vector: _vector, sparseVector: _sparse, ...rest } = record;
        return rest;
      });
    };
    const bare = await verifyRecords({ source, target: { store, namespace, embedding: "target" }, settings });
    expect(brief(bare.differences)).toEqual([index ? "sparse-vector food-3" : "vector food-3"]);
  });
});
