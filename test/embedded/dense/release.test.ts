import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { unstructured } from "../../../bench/index/vectors.ts";
import { DenseVectors } from "../../../src/embedded/index/dense.ts";
import { VectorIndex } from "../../../src/embedded/index.ts";
import { KernelMemory } from "../../../src/embedded/kernel/memory.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { all, exactScan, take } from "./exact.ts";

it("a released memory is the next one, and all zeros again", () => {
  const first = new KernelMemory();
  const address = first.allocate(1_000);
  first.views.uint8.fill(7, address, address + 1_000);
  first.release();
  const second = new KernelMemory();
  expect(second.kernel).toBe(first.kernel);
  expect(second.allocate(1_000)).toBe(address);
  expect(second.views.uint8.subarray(address, address + 1_000).every((byte) => byte === 0)).toBe(true);
  expect(() => first.allocate(1)).toThrow();
});

it("a search that runs keeps its memory until it ends", () => {
  const vectors = take(100, unstructured(16, 1));
  const [query] = vectors as [Float32Array];
  const engine = new DenseVectors({
    dimension: 16,
    similarity: "COSINE",
    readVectors: (rows) => {
      engine.release();
      const other = new KernelMemory();
      other.views.uint8.fill(0xaa, other.allocate(50_000));
      return rows.map((row) => vectors[row] as Float32Array);
    },
  });
  for (const vector of vectors) engine.push(vector);
  const expected = exactScan("COSINE", vectors, query, 10, all(vectors));
  expect(engine.search(query, 10, all(vectors))).toEqual(expected);
  expect(() => engine.search(query, 10, all(vectors))).toThrow("released");
});

it("indexes that are opened one after the other need no further memories", async () => {
  const { WebAssembly: engine } = globalThis as unknown as {
    WebAssembly: { Memory: new (_: object) => object };
  };
  const { Memory } = engine;
  let made = 0;
  class Counted extends Memory {
    constructor(descriptor: object) {
      super(descriptor);
      made++;
    }
  }
  engine.Memory = Counted;
  onTestFinished(() => {
    engine.Memory = Memory;
  });
  const settings = {
    ...({ type: "DENSE", dimension: 4, similarityFunction: "COSINE" } as const),
    ...{ embeddingModel: "", sparseEmbeddingModel: "" },
  };
  const request = { sparse: undefined, filter: undefined, topK: 1, weightByFrequency: false } as const;
  const path = join(temporaryDirectory(), "index.sqlite");
  for (let opened = 0; opened < 20; opened++) {
    const index = VectorIndex.open({ path, settings });
    const dense = Float32Array.of(1, 2, 3, opened);
    index.upsert("", [{ id: `${opened}`, dense, sparse: undefined, metadata: undefined, data: undefined }]);
    expect(await index.query("", { ...request, dense, fusion: "RRF" }, {})).toHaveLength(1);
    index.close();
  }
  expect(made).toBeLessThan(3);
});
