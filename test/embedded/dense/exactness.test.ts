import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unstructured } from "../../../bench/index/vectors.ts";
import { all, engineOf, exactScan, similarities, take } from "./exact.ts";

/** Coarse components, so that ties, duplicates and zero vectors come up; and fine ones. */
const component = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.float({ min: -2, max: 2, noNaN: true }).filter((value) => value === 0 || Math.abs(value) > 1e-6),
);

const collections = fc.integer({ min: 1, max: 70 }).chain((dimension) => {
  const vector = fc
    .array(component, { minLength: dimension, maxLength: dimension })
    .map((components) => Float32Array.from(components));
  return fc.record({
    query: vector,
    vectors: fc.array(vector, { minLength: 1, maxLength: 60 }),
    marks: fc.array(fc.constantFrom(0, 1, 1, 1), { minLength: 60, maxLength: 60 }),
    k: fc.integer({ min: 1, max: 70 }),
    similarity: fc.constantFrom(...similarities),
    byteCodes: fc.boolean(),
  });
});

describe("search finds what the exact scan finds", () => {
  it("in any small collection, to the last digit and in the same order", () => {
    fc.assert(
      fc.property(collections, ({ query, vectors, marks, k, similarity, byteCodes }) => {
        const accepted = Uint8Array.from(marks.slice(0, vectors.length));
        const engine = engineOf(vectors, similarity, { byteCodes });
        expect(engine.search(query, k, accepted)).toEqual(exactScan(similarity, vectors, query, k, accepted));
      }),
      { numRuns: 200 },
    );
  });

  for (const similarity of similarities) {
    for (const dimension of [2, 17, 100, 130, 300]) {
      it(`${similarity} at ${dimension} dimensions, over several chunks, with and without int8 codes`, () => {
        const next = unstructured(dimension, dimension);
        const vectors = take(2_500, next);
        const accepted = all(vectors);
        for (const [row] of vectors.entries()) if (row % 3 === 0) accepted[row] = 0;
        const engines = [engineOf(vectors, similarity), engineOf(vectors, similarity, { byteCodes: false })];
        for (const query of take(3, next)) {
          const few = accepted.map((mark, row) => (row % 4 === 0 ? mark : 0));
          const expected = exactScan(similarity, vectors, query, 10, few);
          for (const engine of engines) expect(engine.search(query, 10, few)).toEqual(expected);
          expect(engines[0]?.search(query, 10, accepted)).toEqual(
            exactScan(similarity, vectors, query, 10, accepted),
          );
        }
      });
    }
  }

  it("at one dimension, where half of all rows tie under cosine", () => {
    const next = unstructured(1, 1);
    const vectors = take(2_500, next);
    for (const similarity of similarities) {
      const [query] = take(1, next) as [Float32Array];
      const found = engineOf(vectors, similarity).search(query, 10, all(vectors));
      const expected = exactScan(similarity, vectors, query, 10, all(vectors));
      expect(found.map(({ score }) => score)).toEqual(expected.map(({ score }) => score));
    }
  });

  it("at the largest dimension, 5,376", () => {
    const next = unstructured(5_376, 1);
    const vectors = [...take(60, next), new Float32Array(5_376).fill(1), new Float32Array(5_376).fill(-1)];
    const engine = engineOf(vectors, "DOT_PRODUCT");
    const query = new Float32Array(5_376).fill(3);
    expect(engine.search(query, 5, all(vectors))).toEqual(
      exactScan("DOT_PRODUCT", vectors, query, 5, all(vectors)),
    );
    expect(engine.search(query, 1, all(vectors))[0]?.row).toBe(60);
  });
});

describe("what counts", () => {
  const vectors = take(50, unstructured(8, 5));

  it("only rows marked with 1 are found, and only they are read", () => {
    const accepted = all(vectors).map((_, row) => row % 2);
    const read = new Set<number>();
    const engine = engineOf(vectors, "COSINE", {
      readVectors: (rows) => {
        for (const row of rows) read.add(row);
        return rows.map((row) => vectors[row] as Float32Array);
      },
    });
    const odd = [...vectors.keys()].filter((row) => row % 2 === 1);
    const rows = engine.search(vectors[0] as Float32Array, 50, accepted).map(({ row }) => row);
    expect(rows.toSorted((left, right) => left - right)).toEqual(odd);
    expect([...read].toSorted((left, right) => left - right)).toEqual(odd);
  });

  it("finds nothing if no row passes the filter, or topK is 0", () => {
    const engine = engineOf(vectors, "EUCLIDEAN");
    expect(engine.search(vectors[0] as Float32Array, 5, new Uint8Array(50))).toEqual([]);
    expect(engine.search(vectors[0] as Float32Array, 0, all(vectors))).toEqual([]);
    expect(engineOf([], "COSINE").search(new Float32Array(1), 5, new Uint8Array(0))).toEqual([]);
  });
});

describe("ties, with int8 codes and by bits", () => {
  const random = take(5_000, unstructured(32, 6));
  const same = new Float32Array(32).map((_, place) => Math.sin(place + 1));
  const options = [{}, { bitsBeyondBytes: 0 }, { byteCodes: false }];

  it("of equal vectors the earlier come first", () => {
    const vectors = random.flatMap((vector, row) => (row % 4 === 0 ? [vector, same] : [vector]));
    for (const similarity of similarities) {
      const expected = exactScan(similarity, vectors, same, 30, all(vectors));
      for (const option of options) {
        expect(engineOf(vectors, similarity, option).search(same, 30, all(vectors))).toEqual(expected);
      }
    }
  });

  it("against a zero vector, and among zero vectors, the earlier come first", () => {
    const zero = new Float32Array(32);
    const vectors = [...random, ...take(2_000, () => zero)];
    for (const similarity of similarities) {
      const expected = exactScan(similarity, vectors, zero, 30, all(vectors));
      for (const option of options) {
        expect(engineOf(vectors, similarity, option).search(zero, 30, all(vectors))).toEqual(expected);
      }
    }
  });
});
