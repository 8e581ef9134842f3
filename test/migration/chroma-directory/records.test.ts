import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChromaVersion, chromaVersions } from "../../../bench/migration/chroma-schema.ts";
import type { DistanceSpace, StoreOperation } from "../../../bench/migration/chroma-store.ts";
import { stringifyJson } from "../../../src/foundation/exact-json/index.ts";
import { ChromaDirectory } from "../../../src/migration/chroma-directory/index.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { makeStore, readAll, recordOf, smallStore, vectorOf } from "./stores.ts";

interface Step {
  readonly operation: StoreOperation | "sync" | "kill";
  readonly id: number;
  readonly value: number;
  readonly hasVector: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  operation: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<StoreOperation[]>("add", "update", "upsert", "delete") },
    { weight: 1, arbitrary: fc.constant<"sync">("sync") },
  ),
  id: fc.nat(7),
  value: fc.nat(50),
  hasVector: fc.boolean(),
});

/** What Chroma answers after these steps: records in the order in which they were added. */
function modelOf(steps: readonly Step[], version: ChromaVersion): StoreRecord[] {
  const records = new Map<
    string,
    { id: string; text: string; metadata: Record<string, unknown>; vector: Float32Array }
  >();
  for (const { operation, id: number, value, hasVector } of steps) {
    if (operation === "sync" || operation === "kill") continue;
    const id = `id-${number}`;
    const known = records.get(id);
    if (operation === "delete") records.delete(id);
    else if (known ? operation !== "add" : operation !== "update") {
      const record = known ?? { id, text: "", metadata: {}, vector: new Float32Array() };
      record.text = `text ${value}`;
      Object.assign(record.metadata, metadataOf(value, version));
      if (hasVector || operation !== "update") record.vector = vectorOf(value);
      records.set(id, record);
    }
  }
  return [...records.values()];
}

function metadataOf(value: number, version: ChromaVersion) {
  return {
    [`key-${value % 3}`]: value,
    name: `name ${value}`,
    share: value + 0.5,
    cooked: value % 2 === 0,
    ...(version === "1.5" && { tags: [`tag ${value}`, "é", "三"] }),
  };
}

function write(steps: readonly Step[], version: ChromaVersion, space: DistanceSpace): string {
  return makeStore(
    version,
    (collection) => {
      for (const { operation, id, value, hasVector } of steps) {
        if (operation === "sync") collection.sync();
        else if (operation === "kill") collection.isKilled = true;
        else if (operation === "delete") collection.apply("delete", { id: `id-${id}` });
        else {
          const carries = hasVector || operation !== "update";
          collection.apply(operation, {
            id: `id-${id}`,
            text: `text ${value}`,
            metadata: metadataOf(value, version),
            ...(carries && { vector: vectorOf(value) }),
          });
        }
      }
    },
    { space },
  );
}

/** Cosine files hold normalised vectors, so that what comes back is rounded twice. */
function expectSame(records: readonly StoreRecord[], model: readonly StoreRecord[]): void {
  expect(records.map(({ vector: _, ...rest }) => rest)).toEqual(model.map(({ vector: _, ...rest }) => rest));
  for (const [place, { vector }] of records.entries()) {
    const expected = model[place]?.vector as Float32Array;
    expect(vector).toHaveLength(expected.length);
    for (const [component, value] of expected.entries()) expect(vector?.[component]).toBeCloseTo(value, 5);
  }
}

describe("the records of a Chroma directory (VEC-5, MIG-3)", () => {
  it.each(chromaVersions)("%s: are those of a simple model after any changes and syncs", async (version) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.constantFrom<DistanceSpace[]>("l2", "cosine", "ip"),
        fc.integer({ min: 1, max: 5 }),
        async (steps, space, batchSize) => {
          const path = write(steps, version, space);
          const { records, source } = await readAll(path, { batchSize });
          expectSame(records, modelOf(steps, version));
          expect((await sourceCount(path)).recordCount).toBe(records.length);
          expect(source.skipped.count).toBe(0);
        },
      ),
      { numRuns: 18 },
    );
  });

  it("are up to date if a killed Chroma left changes only in its queue", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.array(step, { maxLength: 15 }),
        fc.constantFrom(...chromaVersions),
        async (before, after, version) => {
          const kill: Step = { operation: "kill", id: 0, value: 0, hasVector: false };
          // What a killed process did not do, it did not sync either.
          const steps = [...before, kill, ...after.filter(({ operation }) => operation !== "sync")];
          const path = write(steps, version, "l2");
          const { records } = await readAll(path, { batchSize: 3 });
          expectSame(records, modelOf(steps, version));
          expect((await sourceCount(path)).recordCount).toBe(records.length);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("come in the same order on each reading, in batches of the size asked for", async () => {
    const path = smallStore("1.0");
    const ids = Array.from({ length: 10 }, (_, number) => `food-${number}`);
    for (const batchSize of [1, 3, 10, 1_000]) {
      const { records } = await readAll(path, { batchSize });
      expect(records.map(({ id }) => id)).toEqual(ids);
    }
  });

  it("keep the types of their metadata, keys of any name, and documents that are empty or missing", async () => {
    const metadata = {
      whole: 3,
      real: 2.5,
      yes: true,
      no: false,
      text: "Döner 三 🍛",
      list: ["a", "b"],
      numbers: [1, 2],
    };
    const path = makeStore("1.5", (collection) => {
      collection.apply("add", { id: "1", text: "", metadata, vector: vectorOf(1) });
      collection.apply("add", {
        id: "2",
        metadata: JSON.parse('{"__proto__": "data"}'),
        vector: vectorOf(2),
      });
      collection.apply("add", { id: "😀 \n\u0000id", text: "odd", vector: vectorOf(3) });
    });
    const { records } = await readAll(path);
    expect(records[0]).toEqual({ id: "1", text: "", metadata, vector: vectorOf(1) });
    expect(JSON.stringify(records[1]?.metadata)).toBe('{"__proto__":"data"}');
    expect(records[1]).not.toHaveProperty("text");
    expect(records[2]).toEqual(expect.objectContaining({ id: "😀 \n\u0000id", text: "odd" }));
  });

  it("returns a float without a fraction in its own form to a reader that writes it", async () => {
    const path = smallStore("1.5");
    const database = new DatabaseSync(join(path, "chroma.sqlite3"));
    database.exec("UPDATE embedding_metadata SET float_value = 5.0 WHERE key = 'share' AND id = 1");
    database.close();
    const exact = await readAll(path, { exactNumbers: true });
    expect(stringifyJson(exact.records[0]?.metadata)).toContain('"share":5.0');
    const { records } = await readAll(path);
    expect(records[0]?.metadata).toMatchObject({ share: 5, calories: 0 });
  });

  it("names the record of a large integer in the write-ahead queue, or returns it as text", async () => {
    const path = makeStore("1.5", (collection) => {
      collection.apply("add", { id: "stored", vector: vectorOf(1), metadata: { n: 1 } });
      collection.isKilled = true;
      collection.apply("add", { id: "queued", vector: vectorOf(2), metadata: { n: 2n ** 60n + 1n } });
    });
    await expect(readAll(path)).rejects.toThrow(
      /record "queued": its metadata "n" is the integer 1152921504606846977/,
    );
    const { records } = await readAll(path, { largeIntegers: "text" });
    expect(records[1]?.metadata).toEqual({ n: "1152921504606846977" });
  });

  it("refuses an integer that would be rounded, or returns it as text", async () => {
    const path = makeStore("1.0", (collection) => {
      collection.apply("add", {
        id: "edge",
        metadata: { n: 2n ** 53n - 1n, m: -(2n ** 53n) + 1n },
        vector: vectorOf(1),
      });
      collection.apply("add", {
        id: "past",
        metadata: { n: 2n ** 53n + 1n, m: -(2n ** 63n) },
        vector: vectorOf(1),
      });
    });
    await expect(readAll(path)).rejects.toThrow(
      /record "past": its metadata "m" is the integer -9223372036854775808/,
    );
    const { records } = await readAll(path, { largeIntegers: "text" });
    expect(records.map(({ metadata }) => metadata)).toEqual([
      { n: 9007199254740991, m: -9007199254740991 },
      { n: "9007199254740993", m: "-9223372036854775808" },
    ]);
    const salvaged = await readAll(path, { salvage: true });
    expect(salvaged.records.map(({ id }) => id)).toEqual(["edge"]);
    expect(salvaged.source.skipped.faults).toMatchObject([{ id: "past" }]);
  });

  it("reads documents alone without opening the HNSW files", async () => {
    const path = makeStore("1.0", (collection) => {
      collection.apply("add", recordOf(1));
      collection.sync();
      collection.loseFiles();
    });
    const { records } = await readAll(path, { includeVectors: false });
    expect(records.map((record) => Object.keys(record))).toEqual([["id", "text", "metadata"]]);
  });
});

async function sourceCount(path: string) {
  const directory = ChromaDirectory.open(path);
  try {
    return await directory.source(directory.collection("foods")).describe();
  } finally {
    directory.close();
  }
}
