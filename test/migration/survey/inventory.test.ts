import { cpSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CollectionOptions, StoreCollection } from "../../../bench/migration/chroma-store.ts";
import { openDirectoryInventory } from "../../../src/composition/endpoints/inventory.ts";
import { takeInventory } from "../../../src/migration/survey/index.ts";
import { runCli } from "../../helpers/run-cli.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { makeStore, recordOf, segmentOf, smallStore, stateOf, vectorOf } from "../chroma-directory/stores.ts";

/** The survey of the first collection. */
async function survey(path: string) {
  const source = openDirectoryInventory(path);
  try {
    const [collection] = source.collections;
    return await takeInventory(collection!);
  } finally {
    await source.close();
  }
}

async function kinds(fill: (collection: StoreCollection) => void, options: Partial<CollectionOptions> = {}) {
  const { findings } = await survey(makeStore("1.0", fill, options));
  return Object.fromEntries(
    findings.map(({ code, level, recordCount, ids }) => [code, { level, recordCount, ids }]),
  );
}

const unit = Float32Array.of(0.5, 0.5, 0.5, 0.5);

describe("the inventory of a collection (MIG-1, MIG-3)", () => {
  it("counts records, vectors, norms and metadata", async () => {
    const path = makeStore("1.3", (collection) => {
      for (let number = 0; number < 4; number++) {
        collection.apply("add", {
          ...recordOf(number),
          vector: Float32Array.of(3 * number, 4 * number, 0, 0),
        });
      }
    });
    const found = await survey(path);
    expect(found).toMatchObject({ name: "foods", recordCount: 4, readableCount: 4, dimension: 4 });
    expect(found.distance).toEqual({ space: "l2", foundIn: "schema", contradictedBy: [] });
    expect(found.norms).toEqual({ count: 4, minimum: 0, mean: 7.5, maximum: 15 });
    expect(found.keys).toEqual([
      {
        key: "calories",
        recordCount: 4,
        types: { integer: 4 },
        distinctCount: 4,
        samples: ["0", "10", "20"],
      },
      { key: "raw", recordCount: 4, types: { boolean: 4 }, distinctCount: 1, samples: ["true"] },
      {
        key: "region",
        recordCount: 4,
        types: { string: 4 },
        distinctCount: 2,
        samples: ['"India"', '"Japan"'],
      },
      {
        key: "share",
        recordCount: 4,
        types: { float: 4 },
        distinctCount: 4,
        samples: ["0.25", "1.25", "2.25"],
      },
    ]);
  });

  it("finds nothing in a sound collection", async () => {
    expect(
      await kinds((collection) => collection.apply("add", { id: "1", text: "Soup", vector: unit })),
    ).toEqual({});
  });

  it("finds what a migration stops at, and what the target would make of it", async () => {
    const found = await kinds((collection) => {
      collection.apply("add", { id: "plain", text: "Soup", vector: unit });
      collection.apply("add", { id: "again", text: "Soup", vector: unit });
      collection.apply("add", { id: "empty", text: " ", vector: unit });
      collection.apply("add", { id: "none", vector: unit });
      collection.apply("add", { id: "long", text: "stew ".repeat(500), vector: unit });
      collection.apply("add", {
        id: "heavy",
        text: "Cake",
        metadata: { note: "x".repeat(49_200) },
        vector: unit,
      });
      collection.apply("add", { id: "book", text: "x".repeat(1_048_577), vector: unit });
      collection.apply("add", { id: "endless", text: "Pi", metadata: { digits: Infinity }, vector: unit });
      collection.apply("add", { id: "keys", text: "Tea", metadata: { "Header 1": "Teas" }, vector: unit });
      collection.apply("add", { id: " space", text: "Pie", vector: unit });
      collection.apply("add", { id: "zero", text: "Water", vector: new Float32Array(4) });
      collection.apply("add", { id: "broken", text: "Fire", vector: Float32Array.of(1, Number.NaN, 0, 0) });
      collection.apply("add", {
        id: "huge",
        text: "Salt",
        metadata: { grains: 2n ** 60n + 1n },
        vector: unit,
      });
    });
    expect(found).toEqual({
      unreadable: { level: "problem", recordCount: 2, ids: ["endless", "huge"] },
      "large-text": { level: "problem", recordCount: 1, ids: ["book"] },
      "filter-key": { level: "warning", recordCount: 1, ids: ["keys"] },
      "non-finite": { level: "problem", recordCount: 1, ids: ["broken"] },
      unnormalized: { level: "warning", recordCount: 1, ids: undefined },
      "zero-vector": { level: "warning", recordCount: 1, ids: ["zero"] },
      "no-document": { level: "warning", recordCount: 1, ids: ["none"] },
      "empty-document": { level: "warning", recordCount: 1, ids: ["empty"] },
      "repeated-document": { level: "warning", recordCount: 1, ids: ["again"] },
      "long-document": { level: "warning", recordCount: 2, ids: ["long", "book"] },
      "large-metadata": { level: "problem", recordCount: 1, ids: ["heavy"] },
      "odd-id": { level: "warning", recordCount: 1, ids: [" space"] },
    });
  });

  it("warns of a vector of zeros, as the plan does, and not of lengths under cosine", async () => {
    const found = await kinds(
      (collection) => {
        collection.apply("add", { id: "zero", text: "Water", vector: new Float32Array(4) });
        collection.apply("add", { id: "long", text: "Wine", vector: vectorOf(3) });
        collection.sync();
      },
      { space: "cosine" },
    );
    expect(found).toEqual({ "zero-vector": { level: "warning", recordCount: 1, ids: ["zero"] } });
  });

  it("doubts an embedding function that does not make vectors of this dimension", async () => {
    const found = await kinds(
      (collection) => collection.apply("add", { id: "1", text: "Soup", vector: unit }),
      {
        embeddingFunction: { name: "default", model: "all-MiniLM-L6-v2" },
      },
    );
    expect(found).toMatchObject({ "embedding-function": { level: "warning", recordCount: 1 } });
  });
});

/** A copy: the driver of this process may still have the written one open. */
function copyOf(path: string): string {
  const copy = join(temporaryDirectory(), "chroma_db");
  cpSync(path, copy, { recursive: true });
  return copy;
}

describe("ragfood inventory", () => {
  const run = (...words: string[]) => runCli(["inventory", ...words], { directory: temporaryDirectory() });

  it("prints the collections, changes nothing, and ends with 0", async () => {
    const path = copyOf(smallStore("1.0", { space: "cosine" }));
    const before = stateOf(path);
    const { code, out } = await run(path);
    expect(code).toBe(0);
    expect(out).toContain("Chroma 1.0 to 1.2, 1 collection, database of");
    expect(out).toMatch(/Records\s+10\n.*Vectors\s+4 dimensions\n.*Distance\s+cosine \(configuration\)/);
    expect(stateOf(path)).toEqual(before);
  });

  it("prints JSON for a program", async () => {
    const { code, out } = await run(copyOf(smallStore("1.0")), "--collection", "foods", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      version: "1.0 to 1.2",
      collections: [
        { name: "foods", recordCount: 10, findings: [{ code: "unnormalized", recordCount: 10 }] },
      ],
    });
  });

  it("ends with 1 for damage, and says what it concerns", async () => {
    const path = copyOf(smallStore("1.0"));
    truncateSync(join(segmentOf(path), "data_level0.bin"), 0);
    const { code, out } = await run(path);
    expect(code).toBe(1);
    expect(out).toMatch(/Records\s+10, 3 of them readable/);
    expect(out).toMatch(
      /FAIL {2}Records cannot be read. In the first, .*\(7 records: "food-0", [^\n]+\n {8}Restore a backup/,
    );
  });

  it.each<[string, () => string[], number, RegExp]>([
    ["no location", () => [], 2, /location/i],
    ["a missing directory", () => [join(temporaryDirectory(), "none")], 1, /does not exist/],
    ["the URL of nothing", () => ["http://127.0.0.1:9"], 1, /http:..127.0.0.1:9/],
    [
      "a collection that is not there",
      () => [copyOf(smallStore("1.0")), "--collection", "drinks"],
      2,
      /It has: foods/,
    ],
  ])("refuses %s", async (_, words, exitCode, message) => {
    const { code, error } = await run(...words());
    expect(error).toMatch(message);
    expect(code).toBe(exitCode);
  });

  it("keeps what data holds from steering the terminal", async () => {
    const path = makeStore("1.0", (collection) => {
      collection.apply("add", {
        id: "\u001b[2J",
        metadata: { "\u001b[31m": "\u001b]0;x\u0007" },
        vector: unit,
      });
    });
    const { code, out } = await run(copyOf(path));
    expect(code).toBe(0);
    expect(out).not.toContain("\u001b");
    expect(out).not.toContain("\u0007");
  });
});
