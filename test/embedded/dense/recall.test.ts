import { describe, expect, it } from "vitest";
import { clustered, stretched, unstructured } from "../../../bench/index/vectors.ts";
import type { SimilarityFunction } from "../../../src/embedded/settings.ts";
import { all, engineOf, exactScan, recall, similarities, take } from "./exact.ts";

const rowCount = 12_000;
const dimension = 256;
const queryCount = 20;
const k = 10;

interface Collection {
  readonly queries: Float32Array[];
  readonly vectors: Float32Array[];
}

/** 12,000 × 256, and queries that are not among them. */
function collect(next: () => Float32Array): Collection {
  return { queries: take(queryCount, next), vectors: take(rowCount, next) };
}

const topics = collect(stretched(clustered(dimension, 7), 8));
const structureless = collect(stretched(unstructured(dimension, 9), 10));
const positive: Collection = {
  queries: structureless.queries.map(withoutSigns),
  vectors: structureless.vectors.map(withoutSigns),
};

function withoutSigns(vector: Float32Array): Float32Array {
  return vector.map(Math.abs);
}

/** Mean recall over the queries, candidates chosen by bits: with int8 codes, and without. */
function recallsByBits(
  { queries, vectors }: Collection,
  similarity: SimilarityFunction,
  accepted: Uint8Array = all(vectors),
): number[] {
  const truths = queries.map((query) => exactScan(similarity, vectors, query, k, accepted));
  return [true, false].map((byteCodes) => {
    const engine = engineOf(vectors, similarity, { byteCodes, bitsBeyondBytes: 0 });
    // Whole rows are added: a sum of tenths is not exact.
    const found = queries.reduce(
      (sum, query, place) =>
        sum + Math.round(recall(engine.search(query, k, accepted), truths[place] ?? []) * k),
      0,
    );
    return found / (queries.length * k);
  });
}

describe("candidates by bits, with int8 codes and without, of 12,000 × 256 (EMB-3)", () => {
  for (const similarity of similarities) {
    it(`${similarity}: clustered vectors of norms 0.5 to 2, recall@10 ≥ 0.995`, () => {
      for (const found of recallsByBits(topics, similarity)) expect(found).toBeGreaterThanOrEqual(0.995);
    });

    it(`${similarity}: vectors without structure, recall@10 ≥ 0.95`, () => {
      for (const found of recallsByBits(structureless, similarity))
        expect(found).toBeGreaterThanOrEqual(0.95);
    });
  }

  it("a filter costs no recall", () => {
    const accepted = all(topics.vectors).map((_, row) => (row % 3 === 1 ? 1 : 0));
    for (const found of recallsByBits(topics, "COSINE", accepted))
      expect(found).toBeGreaterThanOrEqual(0.995);
  });

  it("nor does the order of the rows, be it the nearest first or last", () => {
    const { queries, vectors } = topics;
    const query = queries[0] as Float32Array;
    const ranked = exactScan("COSINE", vectors, query, rowCount, all(vectors)).map(
      ({ row }) => vectors[row] as Float32Array,
    );
    for (const ordered of [ranked, ranked.toReversed()]) {
      for (const found of recallsByBits({ queries: [query], vectors: ordered }, "COSINE"))
        expect(found).toBe(1);
    }
  });

  it("vectors whose components all have one sign, recall@10 ≥ 0.995", () => {
    for (const found of recallsByBits(positive, "COSINE")) expect(found).toBeGreaterThanOrEqual(0.995);
  });
});

it("60,000 rows are preselected by bits automatically, and results keep their exact scores", () => {
  const next = clustered(32, 13);
  const [query] = take(1, next) as [Float32Array];
  const vectors = take(60_000, next);
  const engine = engineOf(vectors, "COSINE");
  expect(engine.search(query, k, all(vectors))).toEqual(exactScan("COSINE", vectors, query, k, all(vectors)));
});

it("few rows of many that count are all estimated where there are bits only, recall@10 ≥ 0.99", () => {
  const next = clustered(128, 15);
  const queries = take(10, next);
  const vectors = take(40_000, next);
  const accepted = all(vectors).map((_, row) => (row % 33 === 0 ? 1 : 0));
  let read = 0;
  const engine = engineOf(vectors, "COSINE", {
    byteCodes: false,
    readVectors: (rows) => {
      read += rows.length;
      return rows.map((row) => vectors[row] as Float32Array);
    },
  });
  const recalls = queries.map((query) =>
    recall(engine.search(query, k, accepted), exactScan("COSINE", vectors, query, k, accepted)),
  );
  expect(recalls.reduce((sum, part) => sum + part, 0) / recalls.length).toBeGreaterThanOrEqual(0.99);
  expect(read).toBeLessThan((queries.length * vectors.length) / 33);
});
