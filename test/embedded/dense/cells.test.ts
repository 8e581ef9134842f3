import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { stretched, uniform, unstructured } from "../../../bench/index/vectors.ts";
import { CellScan } from "../../../src/embedded/index/dense/cells/cell-scan.ts";
import { Cells } from "../../../src/embedded/index/dense/cells/cells.ts";
import { Centres } from "../../../src/embedded/index/dense/cells/centres.ts";
import { TailTable } from "../../../src/embedded/index/dense/cells/tail-table.ts";
import { DenseCodes } from "../../../src/embedded/index/dense/codes.ts";
import type { DenseVectors, DenseVectorsOptions } from "../../../src/embedded/index/dense.ts";
import { dotProduct } from "../../../src/embedded/index/similarity.ts";
import type { SimilarityFunction } from "../../../src/embedded/settings.ts";
import { all, engineOf, exactScan, recall, similarities, take } from "./exact.ts";

const dimension = 96;
const k = 10;

/** Bits and cells from the first row on, as large indexes have them. */
const large = { bitsBeyondBytes: 0, cellsBeyondBytes: 0 };

function withCells(
  vectors: readonly Float32Array[],
  options: Partial<DenseVectorsOptions> = {},
  similarity: SimilarityFunction = "COSINE",
): DenseVectors {
  const engine = engineOf(vectors, similarity, { ...large, ...options });
  engine.makeCells();
  return engine;
}

function meanRecall(
  engine: DenseVectors,
  vectors: readonly Float32Array[],
  queries: readonly Float32Array[],
  accepted: Uint8Array,
  count: number = k,
  similarity: SimilarityFunction = "COSINE",
): number {
  const parts = queries.map((query) =>
    recall(engine.search(query, count, accepted), exactScan(similarity, vectors, query, count, accepted)),
  );
  return parts.reduce((sum, part) => sum + part, 0) / parts.length;
}

/** Rows of one direction with a little noise, scaled at random. */
function near(direction: Float32Array, noise: number, seed: number): () => Float32Array {
  const random = uniform(seed);
  return () => direction.map((component) => (component + noise * (random() - 0.5)) * (0.1 + random()));
}

/** Rows around some directions. */
function topics(seed: number, count = 200, components = dimension): () => Float32Array {
  const random = uniform(seed);
  const centres = take(count, unstructured(components, seed));
  return () => {
    const centre = centres[Math.floor(random() * centres.length)] as Float32Array;
    return centre.map((component) => component + 1.5 * (random() - 0.5));
  };
}

describe("cells of clustered vectors, 12,000 × 96 by cosine", () => {
  const next = topics(3);
  const vectors = take(12_000, next);
  const queries = take(12, next);
  const engine = withCells(vectors);

  it("cells of clustered vectors are made", () => {
    expect(engine.hasCells).toBe(true);
  });

  it.each([
    [1, k, 0.99],
    [1, 100, 0.98],
    [1 / 3, k, 0.99],
  ])("where a share of %d counts, best %d: recall ≥ %d", (share, count, least) => {
    const random = uniform(5);
    const accepted = all(vectors).map(() => (random() < share ? 1 : 0));
    expect(meanRecall(engine, vectors, queries, accepted, count)).toBeGreaterThanOrEqual(least);
  });

  it("find rows that a filter keeps in one far corner only", () => {
    const query = queries[0] as Float32Array;
    const ranked = exactScan("COSINE", vectors, query, vectors.length, all(vectors));
    const accepted = new Uint8Array(vectors.length);
    for (const { row } of ranked.slice(6_000)) accepted[row] = 1;
    expect(meanRecall(engine, vectors, [query], accepted)).toBe(1);
  });

  it("take in rows that are pushed later, also far from all earlier ones", () => {
    const far = Float32Array.from({ length: dimension }, (_, place) => (place % 2 === 0 ? -1 : 1));
    const later = [...take(1_000, next), ...take(1_000, near(far, 0.5, 7))];
    const everything = [...vectors, ...later];
    const grown = withCells(vectors, {
      readVectors: (rows) => rows.map((row) => everything[row] as Float32Array),
    });
    for (const vector of later) grown.push(vector);
    const asked = [...queries.slice(0, 4), ...later.slice(0, 4), ...later.slice(-4)];
    expect(meanRecall(grown, everything, asked, all(everything))).toBeGreaterThanOrEqual(0.99);
  });

  it("are in the side file", () => {
    const { bits, bytes } = engine.save();
    const read = (pieces: Iterable<Uint8Array>) => {
      const file = Buffer.concat([...pieces]);
      let position = 0;
      return {
        fill: (target: Uint8Array) => {
          if (position + target.length > file.length) throw new RangeError("the file ends early");
          target.set(file.subarray(position, position + target.length));
          position += target.length;
        },
      };
    };
    const savedBytes = read(bytes);
    const restored = engineOf(vectors.slice(0, 1), "COSINE", {
      ...large,
      readVectors: (rows) => rows.map((row) => vectors[row] as Float32Array),
    });
    restored.restore(read(bits), function* (fill) {
      yield* fill(savedBytes);
      return true;
    });
    expect(restored.hasCells).toBe(true);
    const find = (from: DenseVectors) => queries.map((query) => from.search(query, k, all(vectors)));
    find(restored);
    expect(find(restored)).toEqual(find(engine));
  });
});

describe("cells of vectors of norms 0.5 to 2 in topics, 12,000 × 96", () => {
  const next = stretched(topics(37), 41);
  const vectors = take(12_000, next);
  const queries = take(12, next);

  for (const similarity of similarities) {
    it.each([
      ["int8 codes and bits", {}],
      ["int8 codes alone, as a small index", { bitsBeyondBytes: Number.POSITIVE_INFINITY }],
      ["bits alone", { byteCodes: false }],
    ])(`${similarity}, with %s: recall@10 ≥ 0.99`, (_, options) => {
      const engine = withCells(vectors, options, similarity);
      expect(engine.hasCells).toBe(true);
      expect(meanRecall(engine, vectors, queries, all(vectors), k, similarity)).toBeGreaterThanOrEqual(0.99);
    });
  }
});

describe("cells of long vectors, whose bits rule most rows out before int8 codes are read, 4,000 × 512", () => {
  const next = stretched(topics(47, 100, 512), 53);
  const vectors = take(4_000, next);
  const queries = take(10, next);

  it.each(similarities)("%s: recall@10 and recall@1 ≥ 0.99", (similarity) => {
    const engine = withCells(vectors, {}, similarity);
    expect(engine.hasCells).toBe(true);
    for (const count of [k, 1]) {
      expect(meanRecall(engine, vectors, queries, all(vectors), count, similarity)).toBeGreaterThanOrEqual(
        0.99,
      );
    }
  });
});

describe("cells of long vectors whose front bits rule most rows out, 8,000 × 400 by cosine", () => {
  const next = topics(59, 80, 400);
  const random = uniform(61);
  const originals = take(80, next);
  const original = () => originals[Math.floor(random() * 80)] as Float32Array;
  const cases: [string, () => Float32Array][] = [
    ["equal rows", () => Float32Array.from(original())],
    ["near duplicates", () => near(original(), 0.01, 67)()],
  ];

  it.each(cases)("%s: no recall is lost", (_, make) => {
    const vectors = take(8_000, make);
    const queries = take(8, next);
    const byBits = meanRecall(engineOf(vectors, "COSINE", large), vectors, queries, all(vectors));
    const engine = withCells(vectors);
    expect(engine.hasCells).toBe(true);
    expect(meanRecall(engine, vectors, queries, all(vectors))).toBeGreaterThanOrEqual(byBits - 0.01);
  });
});

it("later rows so large that float32 cannot rotate them are found in cells of long vectors", () => {
  const vectors = take(10_000, topics(73, 80, 400));
  const signs = vectors.slice(0, 8).map((vector) => vector.map(Math.sign));
  const largest = signs.map((vector) => vector.map((sign) => sign * 3e38));
  const everything = [...vectors, ...largest];
  const engine = withCells(vectors, {
    readVectors: (rows) => rows.map((row) => everything[row] as Float32Array),
  });
  for (const vector of largest) engine.push(vector);
  expect(engine.hasCells).toBe(true);
  expect(meanRecall(engine, everything, signs, all(everything), 1)).toBe(1);
});

it("a search reads the rows far from all centres even if the table expects none of the best among them", () => {
  const codes = new DenseCodes(dimension, true);
  for (const vector of take(4, unstructured(dimension, 71))) codes.pushRotated(vector);
  const tail = new TailTable("COSINE", 1);
  for (let bin = 0; bin < TailTable.bins; bin++)
    tail.counts[(bin * TailTable.length) / TailTable.bins] = 10_000;
  const cells = new Cells(new Centres(codes), tail, 1);
  for (const cell of [0, 0, 1, 4, 4, 4]) cells.add(cell);
  const searched = { accepted: new Uint8Array(6).fill(1), acceptsAll: true, rowCount: 6 };
  const rotated = codes.vectorOf(0);
  const scan = new CellScan(cells, rotated, dotProduct(rotated, rotated), searched, 1);
  const target = new Uint32Array(6);
  expect([...target.subarray(0, scan.take(1, target))]).toEqual([0]);
  expect(scan.rowsUntil(0.9, 0.01)).toBe(4);
  expect([...target.subarray(0, scan.take(4, target))]).toEqual([1, 3, 4, 5]);
  expect(scan.rowsUntil(0.9, 0.01)).toBe(0);
});

it("cells are dropped when many rows are far from all centres", () => {
  const vectors = take(6_000, topics(43, 20));
  const far = take(
    2_200,
    near(
      Float32Array.from({ length: dimension }, (_, place) => (place % 2) - 0.5),
      0.1,
      7,
    ),
  );
  const everything = [...vectors, ...far];
  const engine = withCells(vectors, {
    readVectors: (rows) => rows.map((row) => everything[row] as Float32Array),
  });
  expect(engine.hasCells).toBe(true);
  for (const vector of far) engine.push(vector);
  expect(engine.hasCells).toBe(false);
  expect(meanRecall(engine, everything, far.slice(0, 3), all(everything))).toBe(1);
});

describe("cells of hostile vectors", () => {
  const random = uniform(13);
  const anywhere = unstructured(dimension, 17);
  const one = anywhere();
  const other = anywhere();
  const heavy = () => anywhere().map((component) => component * Math.abs(component) ** 3);
  const cases: [string, () => Float32Array][] = [
    ["all equal", () => Float32Array.from(one)],
    ["all zero", () => new Float32Array(dimension)],
    ["duplicates of a hundred rows", duplicates(take(100, anywhere))],
    ["one giant cell beside some strays", () => (random() < 0.98 ? near(one, 0.4, 19)() : anywhere())],
    ["two opposite directions", () => near(random() < 0.5 ? one : one.map((value) => -value), 0.5, 23)()],
    ["heavy tails", heavy],
    ["a drift from one direction to another", drift(one, other)],
  ];

  function duplicates(originals: Float32Array[]): () => Float32Array {
    return () => Float32Array.from(originals[Math.floor(random() * originals.length)] as Float32Array);
  }

  function drift(from: Float32Array, to: Float32Array): () => Float32Array {
    let step = 0;
    return () => {
      const share = Math.min(1, step++ / 8_000);
      return from.map((value, place) => (1 - share) * value + share * (to[place] as number) + random() - 0.5);
    };
  }

  it.each(cases)("%s: no recall is lost", (_, next) => {
    const vectors = take(8_000, next);
    const queries = [...take(6, next), ...take(3, anywhere)];
    const byBits = meanRecall(engineOf(vectors, "COSINE", large), vectors, queries, all(vectors));
    const byCells = meanRecall(withCells(vectors), vectors, queries, all(vectors));
    expect(byCells).toBeGreaterThanOrEqual(byBits - 0.01);
  });
});

it("vectors without structure get no cells", () => {
  expect(withCells(take(6_000, unstructured(dimension, 29))).hasCells).toBe(false);
});

it("cells are made in the background while an index is searched, and not after it is closed", async () => {
  const next = topics(31);
  const vectors = take(12_000, next);
  const accepted = all(vectors);
  const [closed, open] = [engineOf(vectors, "COSINE"), engineOf(vectors, "COSINE")];
  closed.close();
  for (let search = 0; search < 16; search++) {
    await open.searchInSlices(vectors[search] as Float32Array, k, accepted);
    await closed.searchInSlices(vectors[search] as Float32Array, k, accepted);
  }
  while (!open.hasCells) await setTimeout(1);
  expect(closed.hasCells).toBe(false);
}, 120_000);
