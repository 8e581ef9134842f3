import { describe, expect, it } from "vitest";
import { foodTemplate } from "../../../src/foods/food.ts";
import { CancelledError, UsageError } from "../../../src/foundation/errors.ts";
import type { SourceDescription } from "../../../src/migration/source.ts";
import {
  type Plan,
  type PlanSettings,
  planMarkdown,
  planMigration,
} from "../../../src/migration/survey/index.ts";
import type { MigrationTarget } from "../../../src/migration/target.ts";
import { writeRecords } from "../../../src/migration/write.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import {
  denseIndex,
  embeddingIndex,
  ListSource,
  lexicalIndex,
  openTarget,
  sampleRecords,
} from "../records.ts";

interface Case {
  readonly records?: readonly StoreRecord[];
  readonly description?: Partial<SourceDescription>;
  readonly target?: MigrationTarget;
  readonly settings?: PlanSettings;
}

function planned({ records = sampleRecords(30), description, target, settings }: Case = {}): Promise<Plan> {
  const source = new ListSource(records, description);
  return planMigration({ source, target: target ?? openTarget("carried"), ...(settings && { settings }) });
}

function codes(findings: Plan["problems"]): string[] {
  return findings.map(({ code }) => code);
}

/** The sample with other parts for some of its records. */
function withParts(parts: Readonly<Record<number, object>>): StoreRecord[] {
  return sampleRecords(6).map((record, place) => ({ ...record, ...parts[place] }) as StoreRecord);
}

describe("planMigration (MIG-4)", () => {
  it("counts, measures and estimates, and writes nothing", async () => {
    const target = openTarget("carried");
    const records = sampleRecords(250);
    const plan = await planned({
      target,
      records,
      settings: { rate: { recordsPerSecond: 50, basis: "measured" } },
    });
    expect(plan).toMatchObject({
      isPossible: true,
      batchCount: 3,
      time: { seconds: 5, basis: "measured" },
      sizes: {
        recordCount: 250,
        textBytes: records.reduce((sum, { text }) => sum + Buffer.byteLength(text!), 0),
        metadataBytes: records.reduce((sum, { metadata }) => sum + JSON.stringify(metadata).length, 0),
        vectorBytes: 250 * 4 * 4,
      },
      target: { type: "DENSE", dimension: 4, recordCount: 0 },
    });
    expect((await target.store.info()).recordCount).toBe(0);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    const markdown = planMarkdown(plan);
    expect(markdown).toMatch(/^# Plan: the migration can run\n\n250 records from list \(dump\)/);
    expect(markdown).not.toContain("Cost");
  });

  it.each<[string, Case, string[]]>([
    ["vectors of another dimension", { records: withParts({ 1: { vector: [1, 2] } }) }, ["dimension"]],
    ["no vectors to carry", { records: withParts({ 1: { vector: undefined } }) }, ["no-vector"]],
    ["NaN in a vector", { records: withParts({ 1: { vector: [1, Number.NaN, 0, 0] } }) }, ["non-finite"]],
    [
      "metadata over 48 KB",
      { records: withParts({ 1: { metadata: { note: "x".repeat(49_142) } } }) },
      ["large-metadata"],
    ],
    ["a text over 1 MB", { records: withParts({ 1: { text: "x".repeat(1_048_577) } }) }, ["large-text"]],
    ["an id twice", { records: withParts({ 1: { id: "food-0" } }) }, ["duplicate-id"]],
    ["an empty id", { records: withParts({ 1: { id: "" } }) }, ["invalid-id"]],
    [
      "sparse vectors for a dense index",
      { records: withParts({ 1: { sparseVector: { indices: [1], values: [1] } } }) },
      ["sparse-vector"],
    ],
  ])("refuses %s", async (_, { records = [] }, expected) => {
    const plan = await planned({ records });
    expect(codes(plan.problems)).toEqual(expected);
    expect(plan.problems[0]).toMatchObject({ recordCount: 1, ids: [records[1]?.id] });
    expect(plan.problems[0]?.hint).toBeDefined();
    expect(planMarkdown(plan)).toMatch(/^# Plan: the migration cannot run, 1 problem\n/);
  });

  it("says what to do about vectors of another dimension, also if no index takes them", async () => {
    const hint = async (lengths: readonly number[]) => {
      const records = lengths.map((length, place) => ({
        id: `${place}`,
        vector: new Float32Array(length).fill(1),
      }));
      return (await planned({ records })).problems[0]?.hint;
    };
    expect(await hint([8, 8])).toContain("Create an index of 8 dimensions");
    expect(await hint([5_377])).toContain("No index takes vectors of more than 5,376 dimensions");
    expect(await hint([8, 4])).toContain("one model");
  });

  it("lets what fits a limit exactly pass", async () => {
    const metadata = { note: "x".repeat(48 * 1_024 - JSON.stringify({ note: "" }).length) };
    const records = withParts({ 1: { metadata }, 2: { text: "x".repeat(1_048_576) } });
    expect(codes((await planned({ records })).problems)).toEqual([]);
  });

  it("reports which side makes vectors, and refuses if neither does", async () => {
    const hybrid = { ...embeddingIndex, type: "HYBRID", sparseEmbeddingModel: "BM25" } as const;
    const carried = { ...hybrid, dimension: 4, embeddingModel: "", sparseEmbeddingModel: "" } as const;
    const nobody = await planned({ target: openTarget("carried", carried) });
    expect(codes(nobody.problems)).toEqual(["no-sparse-vector"]);
    expect(codes((await planned({ target: openTarget("carried", lexicalIndex) })).problems)).toEqual([
      "dense-vector",
      "no-sparse-vector",
    ]);
    const bare = openTarget("target", denseIndex);
    expect(codes((await planned({ target: bare })).problems)).toEqual(["no-model"]);
    const settings = { storeEmbeds: true };
    expect(codes((await planned({ target: bare, settings })).problems)).toEqual([]);
    const both = await planned({ target: openTarget("target", hybrid) });
    expect(both.warnings[0]?.message).toContain("embeds with TEST_HASHING_64 and BM25");
    const textless = await planned({
      target: openTarget("target"),
      records: withParts({ 1: { text: undefined }, 2: { text: "" }, 3: { vector: [1] } }),
    });
    expect(textless.problems).toMatchObject([{ code: "no-text", ids: ["food-1", "food-2"] }]);
  });

  it("warns of texts longer than the model reads, and measures them as they would be written", async () => {
    const target = openTarget("target");
    const records = withParts({ 1: { text: "x".repeat(2_040) } });
    expect(codes((await planned({ target, records })).warnings)).not.toContain("long-text");
    const plan = await planned({ target, records, settings: { template: foodTemplate } });
    expect(plan.warnings.find(({ code }) => code === "long-text")).toMatchObject({ ids: ["food-1"] });
    expect(plan.facts.map(({ message }) => message)).toContain(
      "Texts are filled into the template; the original stays in original_text.",
    );
  });

  it("warns of different models, and of carried vectors that questions cannot be compared with", async () => {
    const index = { ...embeddingIndex, dimension: 4, embeddingModel: "TEST_HASHING_4" };
    const carried = (embeddingModel: string | undefined) =>
      planned({ target: openTarget("carried", index), description: { embeddingModel } });
    expect(codes((await carried("mxbai-embed-large")).warnings)).toEqual(["model"]);
    expect(codes((await carried(undefined)).warnings)).toEqual(["model"]);
    const same = await carried("TEST_HASHING_4");
    expect(same.warnings).toEqual([]);
    expect(codes(same.facts)).toContain("who-embeds");
  });

  it("warns of vectors that questions of length 1 are too short for, before they are carried", async () => {
    const index = { ...denseIndex, dimension: 4, similarityFunction: "EUCLIDEAN" } as const;
    const ofLength = (length: number) =>
      planned({
        target: openTarget("carried", index),
        description: { similarityFunction: "EUCLIDEAN" },
        records: sampleRecords(3).map((record) => ({ ...record, vector: [0, length, 0, 0] })),
      });
    const [warning] = (await ofLength(4.2)).warnings;
    expect(warning).toMatchObject({
      code: "question-length",
      message: expect.stringContaining("4.2 to 4.2 long"),
    });
    expect(warning?.hint).toContain("--similarity COSINE");
    expect((await ofLength(1)).warnings).toEqual([]);
  });

  it("predicts what L2 to cosine does to vectors that are not normalised (MIG-8)", async () => {
    const unit = (place: number) => Float32Array.of(Math.cos(place), Math.sin(place), 0, 0);
    const scaled = (scale: (place: number) => number) =>
      sampleRecords(200).map((record, place) => ({
        ...record,
        vector: unit(place).map((component) => component * scale(place)),
      }));
    const description = { similarityFunction: "EUCLIDEAN" } as const;
    const normalised = await planned({ records: scaled(() => 1), description });
    expect(normalised.warnings).toEqual([]);
    expect(normalised.facts.map(({ message }) => message)).toContain(
      "The source compares by L2, the target by cosine: scores differ, ranks do not, since every vector has length 1.",
    );
    // All of one length: the ranks stay.
    const alike = await planned({ records: scaled(() => 18), description });
    expect(alike).toMatchObject({ isPossible: true, warnings: [] });
    const spread = await planned({ records: scaled((place) => 1 + (place % 10)), description });
    expect(spread.norms?.minimum).toBeCloseTo(1, 5);
    expect(spread.norms?.maximum).toBeCloseTo(10, 5);
    const [change] = spread.problems;
    const share = Number(/(\d+) % of the 10 nearest/.exec(change?.message ?? "")?.[1]);
    expect(share).toBeLessThan(60);
    expect(change).toMatchObject({ code: "metric-change", recordCount: 180 });
    expect(change?.hint).toMatch(/EUCLIDEAN.*--accept-metric-change/);
    const settings = { acceptMetricChange: true };
    const accepted = await planned({ records: scaled((place) => 1 + (place % 10)), description, settings });
    expect(accepted).toMatchObject({ isPossible: true, warnings: [{ code: "metric-change" }] });
    const kept = await planned({ records: scaled((place) => 1 + (place % 10)) });
    expect(codes(kept.warnings)).toEqual([]);
  });

  it("counts the ids that the target has already", async () => {
    const target = openTarget("carried");
    const records = sampleRecords(30);
    await writeRecords(target, [...records.slice(20), { ...records[0]!, id: "foreign" }]);
    const plan = await planned({ target, records });
    expect(plan.existingCount).toBe(10);
    expect(plan.warnings[0]?.message).toBe(
      'In the target, the namespace "foods" has 11 records: 10 have ids of the source, 1 would stay beside the migrated ones.',
    );
  });

  describe("records of the target with ids of the source and other content (MIG-4, MIG-6)", () => {
    const records = sampleRecords(30);
    const others: StoreRecord[] = [
      { ...records[3]!, text: "of another application" },
      { ...records[4]!, metadata: { calories: -1 } },
      { ...records[5]!, vector: [9, 9, 9, 9] },
    ];
    const filled = async () => {
      const target = openTarget("carried");
      await writeRecords(target, [...records.slice(20), ...others]);
      return target;
    };

    it("close the gate", async () => {
      const plan = await planned({ target: await filled(), records });
      expect(plan.problems).toMatchObject([
        { code: "target-overwrite", recordCount: 3, ids: ["food-3", "food-4", "food-5"] },
      ]);
      expect(plan.problems[0]?.hint).toContain("--overwrite");
    });

    it("are replaced if the user allows it", async () => {
      const plan = await planned({ target: await filled(), records, settings: { overwrite: true } });
      expect(plan).toMatchObject({ isPossible: true });
      expect(codes(plan.warnings)).toContain("target-overwrite");
    });

    it("are no problem if this migration wrote them", async () => {
      const source = new ListSource(records);
      const wrote = (id: string) => id !== "food-4";
      const plan = await planMigration({ source, target: await filled(), wrote });
      expect(plan.problems).toMatchObject([{ code: "target-overwrite", ids: ["food-4"] }]);
    });
  });

  it("warns of vectors of zeros, which no cosine finds", async () => {
    const plan = await planned({ records: withParts({ 1: { vector: [0, 0, 0, 0] } }) });
    expect(plan.warnings).toMatchObject([{ code: "zero-vector", ids: ["food-1"] }]);
  });

  it("warns of a source that has other records than it counts", async () => {
    const plan = await planned({ description: { recordCount: 31 } });
    expect(codes(plan.warnings)).toEqual(["source-count"]);
  });

  it("refuses settings out of range, and stops when it is cancelled", async () => {
    await expect(planned({ settings: { batchSize: 0 } })).rejects.toThrow(UsageError);
    const rate = { recordsPerSecond: Number.NaN, basis: "stated" } as const;
    await expect(planned({ settings: { rate } })).rejects.toThrow(UsageError);
    const source = new ListSource(sampleRecords(5));
    const planning = planMigration({ source, target: openTarget("carried"), signal: AbortSignal.abort() });
    await expect(planning).rejects.toThrow(CancelledError);
  });
});
