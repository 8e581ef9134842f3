import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { parseFilter } from "../../../src/embedded/filter/index.ts";
import type { SearchRequest } from "../../../src/embedded/index/search.ts";
import { defaultSettings, VectorIndex, type VectorIndexOptions } from "../../../src/embedded/index.ts";
import { packSparse } from "../../../src/embedded/storage/vectors.ts";
import { bm25 } from "../../../src/embedding/bm25.ts";
import { IndexMismatchError, StorageError } from "../../../src/foundation/errors.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

function open(options: Partial<VectorIndexOptions> & { path: string }): VectorIndex {
  const index = VectorIndex.open({ settings: defaultSettings, embedders: { sparse: bm25 }, ...options });
  onTestFinished(() => index.close());
  return index;
}

const one = packSparse({ indices: [1], values: [1] });

function record(id: string, metadata?: object, weight = 1) {
  return {
    id,
    metadata: metadata && JSON.stringify(metadata),
    data: undefined,
    dense: undefined,
    sparse: packSparse({ indices: [1], values: [weight] }),
  };
}

const everything: SearchRequest = {
  dense: undefined,
  sparse: one,
  topK: 1_000,
  filter: undefined,
  weightByFrequency: false,
  fusion: "RRF",
};

async function ids(index: VectorIndex, filter?: string): Promise<string[]> {
  const request = { ...everything, filter: filter === undefined ? undefined : parseFilter(filter) };
  return (await index.query("", request, {})).map((hit) => hit.record.id);
}

describe("VectorIndex", () => {
  it("keeps what was written when it is opened again", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    const first = VectorIndex.open({ path, settings: defaultSettings });
    first.upsert("", [record("a", { n: 1 }), record("b")]);
    first.close();
    expect(await ids(open({ path }))).toEqual(["a", "b"]);
  });

  it("sees at its next query what another process wrote, in columns of metadata too", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    const writer = open({ path });
    const reader = open({ path });
    writer.upsert("", [record("a", { n: 1 }), record("b", { n: 2 })]);
    expect(await ids(reader, "n > 1")).toEqual(["b"]);
    writer.upsert("", [record("c", { n: 3 }), record("b", { n: 0 })]);
    expect(await ids(reader, "n > 1")).toEqual(["c"]);
    writer.remove("", { ids: ["c"] });
    expect(await ids(reader)).toEqual(["a", "b"]);
    writer.reset("");
    writer.upsert("", [record("z")]);
    expect(await ids(reader)).toEqual(["z"]);
  });

  it("looks again when what a long search found is written again or deleted before it is read", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    const settings = { ...defaultSettings, type: "DENSE", dimension: 2, sparseEmbeddingModel: "" } as const;
    const reader = open({ path, settings });
    const writer = open({ path, settings });
    const vectorRecord = (id: string, n: number) => ({
      ...record(id, { n }),
      sparse: undefined,
      dense: Float32Array.of(1, 0),
    });
    writer.upsert("", [vectorRecord("a", 1), vectorRecord("b", 1)]);
    // Every step takes a slice of its own.
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => {
      now += 100;
      return now;
    });
    onTestFinished(() => clock.mockRestore());
    const request = { ...everything, dense: Float32Array.of(1, 0), sparse: undefined };
    const found = reader.query("", request, { metadata: true });
    writer.upsert("", [vectorRecord("a", 2)]);
    writer.remove("", { ids: ["b"] });
    const hits = await found;
    expect(hits.map((hit) => [hit.record.id, hit.record.metadata])).toEqual([["a", '{"n":2}']]);
  });

  it("answers a short search with what was stored when it was asked", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    const reader = open({ path });
    const writer = open({ path });
    writer.upsert("", [record("a", { n: 1 })]);
    const found = reader.query("", everything, { metadata: true });
    writer.upsert("", [record("a", { n: 2 })]);
    expect((await found).map((hit) => hit.record.metadata)).toEqual(['{"n":1}']);
    expect((await reader.query("", everything, { metadata: true }))[0]?.record.metadata).toBe('{"n":2}');
  });

  it("refuses settings other than those it was made with, and names both", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    open({ path });
    const settings = { ...defaultSettings, type: "DENSE", dimension: 3 } as const;
    expect(() => open({ path, settings })).toThrow(IndexMismatchError);
    expect(() => open({ path, settings })).toThrow(/made with type "SPARSE"; the settings ask for "DENSE"/);
  });

  it.each([
    ["text", "not a database at all, but long enough to be looked at ".repeat(20)],
    ["nothing that SQLite wrote", Buffer.alloc(8_192, 7)],
  ])("says that a file of %s is no index", (_, content) => {
    const path = join(temporaryDirectory(), "index.sqlite");
    writeFileSync(path, content);
    expect(() => open({ path })).toThrow(/is not an index/);
  });

  it("notices a damaged file and says so", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "index.sqlite");
    const index = VectorIndex.open({ path, settings: defaultSettings });
    for (let batch = 0; batch < 20; batch++) {
      index.upsert(
        "",
        Array.from({ length: 50 }, (_, n) => record(`${batch}-${n}`, { filler: "x".repeat(200) })),
      );
    }
    index.close();
    const damaged = join(directory, "damaged.sqlite");
    copyFileSync(path, damaged);
    const bytes = readFileSync(damaged);
    bytes.fill(0xa5, 4_096, Math.min(bytes.length, 4_096 * 60));
    writeFileSync(damaged, bytes);
    await expect((async () => ids(open({ path: damaged })))()).rejects.toThrow(StorageError);
  });

  it("stores nothing of a batch that does not fit on the disk, keeps the rest, and works on when there is room", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    const index = open({ path, maximumBytes: 200_000 });
    index.upsert("", [record("first")]);
    const large = Array.from({ length: 500 }, (_, n) => record(`large-${n}`, { filler: "x".repeat(2_000) }));
    expect(() => index.upsert("", large)).toThrow(/the disk is full/);
    expect(await ids(index)).toEqual(["first"]);
    index.upsert("", [record("second")]);
    expect(await ids(index)).toEqual(["first", "second"]);
    expect(index.info().namespaces).toMatchObject([{ name: "", recordCount: 2 }]);
  });

  it("says what is wrong with the path", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "file"), "");
    expect(() => open({ path: join(directory, "file", "index.sqlite") })).toThrow(/cannot be made/);
    expect(() => open({ path: directory })).toThrow(/cannot be opened/);
  });

  it("agrees with a plain list of records after any writes, deletes, updates and resets", async () => {
    const id = fc.constantFrom("a", "b", "c", "d", "e", "aa");
    const step = fc.oneof(
      fc.record({
        kind: fc.constant("upsert" as const),
        id,
        weight: fc.integer({ min: 1, max: 5 }),
        n: fc.integer({ min: 0, max: 3 }),
      }),
      fc.record({ kind: fc.constant("remove" as const), id }),
      fc.record({ kind: fc.constant("remove-prefix" as const), id }),
      fc.record({ kind: fc.constant("remove-filter" as const), n: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ kind: fc.constant("query" as const), n: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ kind: fc.constant("reset" as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const index = VectorIndex.open({ path: ":memory:", settings: defaultSettings });
        let model: { id: string; weight: number; n: number; written: number; first: number }[] = [];
        let clock = 0;
        for (const action of steps) {
          clock++;
          if (action.kind === "upsert") {
            index.upsert("", [record(action.id, { n: action.n }, action.weight)]);
            const old = model.find((entry) => entry.id === action.id);
            model = model.filter((entry) => entry !== old);
            model.push({ ...action, written: clock, first: old?.first ?? clock });
          } else if (action.kind === "remove") {
            const had = model.some((entry) => entry.id === action.id);
            expect(index.remove("", { ids: [action.id] })).toBe(had ? 1 : 0);
            model = model.filter((entry) => entry.id !== action.id);
          } else if (action.kind === "remove-prefix") {
            const kept = model.filter((entry) => !entry.id.startsWith(action.id));
            expect(index.remove("", { prefix: action.id })).toBe(model.length - kept.length);
            model = kept;
          } else if (action.kind === "remove-filter") {
            const kept = model.filter((entry) => entry.n !== action.n);
            expect(index.remove("", { filter: parseFilter(`n = ${action.n}`) })).toBe(
              model.length - kept.length,
            );
            model = kept;
          } else if (action.kind === "reset") {
            index.reset("");
            model = [];
          } else {
            const expected = model
              .filter((entry) => entry.n >= action.n)
              .sort((left, right) => right.weight - left.weight || left.written - right.written);
            expect(await ids(index, `n >= ${action.n}`)).toEqual(expected.map((entry) => entry.id));
          }
        }
        const ordered = [...model].sort((left, right) => left.first - right.first).map((entry) => entry.id);
        expect(index.range("", 0, 100, "", {}).records.map((entry) => entry.id)).toEqual(ordered);
        expect(index.info().namespaces).toMatchObject([{ recordCount: model.length }]);
        index.close();
      }),
      { numRuns: 150 },
    );
  });

  it("sweeps out rows that no longer count and still answers", async () => {
    const index = open({ path: ":memory:" });
    for (let round = 0; round < 30; round++) {
      index.upsert(
        "",
        Array.from({ length: 100 }, (_, n) => record(`${n}`, { round })),
      );
      expect(await ids(index, `round = ${round}`)).toHaveLength(100);
    }
    expect(await ids(index)).toHaveLength(100);
  });
});
