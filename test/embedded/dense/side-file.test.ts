import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unstructured } from "../../../bench/index/vectors.ts";
import { DenseVectors } from "../../../src/embedded/index/dense.ts";
import { IndexMemoryError } from "../../../src/embedded/kernel/memory.ts";
import { IndexMismatchError } from "../../../src/errors.ts";
import { all, engineOf, take } from "./exact.ts";

const dimension = 19;
const next = unstructured(dimension, 1);
const [query] = take(1, next) as [Float32Array];
const vectors = take(1_300, next);

function saved(engine: DenseVectors): Uint8Array {
  return Buffer.concat([...engine.save()]);
}

function pieces(bytes: Uint8Array, length: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / length);
  return Array.from({ length: count }, (_, place) => bytes.subarray(place * length, (place + 1) * length));
}

describe("save and restore", () => {
  it("bring back an engine that finds the same and takes further rows, whatever the pieces", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.constantFrom(0, 1, 1_023, 1_024, 1_025, 1_300),
        fc.integer({ min: 1, max: 50_000 }),
        (byteCodes, rowCount, pieceLength) => {
          const engine = engineOf(vectors.slice(0, rowCount), "COSINE", { dimension, byteCodes });
          const copy = engineOf([], "COSINE", {
            dimension,
            byteCodes,
            readVector: (row) => vectors[row] as Float32Array,
          });
          copy.restore(pieces(saved(engine), pieceLength));
          expect(copy.rowCount).toBe(rowCount);
          expect(saved(copy)).toEqual(saved(engine));
          for (const vector of vectors.slice(rowCount)) copy.push(vector);
          const whole = engineOf(vectors, "COSINE", { byteCodes });
          expect(copy.search(query, 10, all(vectors))).toEqual(whole.search(query, 10, all(vectors)));
        },
      ),
      { numRuns: 8 },
    );
  });

  it("what is not theirs is refused, and the rows stay", () => {
    const engine = engineOf(vectors, "COSINE");
    const bytes = saved(engine);
    const refused = [
      saved(engineOf(vectors, "EUCLIDEAN")),
      saved(engineOf(vectors, "COSINE", { byteCodes: false })),
      saved(engineOf(take(5, unstructured(20, 1)), "COSINE")),
      bytes.subarray(0, bytes.length - 1),
      bytes.subarray(0, 10),
      new Uint8Array(0),
      Uint8Array.from(bytes, (byte, place) => (place === 4 ? byte + 1 : byte)),
    ];
    for (const other of refused) expect(() => engine.restore([other])).toThrow(IndexMismatchError);
    expect(saved(engine)).toEqual(bytes);
  });
});

it("codes beyond the memory allowed are refused by name", () => {
  const engine = new DenseVectors({
    dimension,
    similarity: "COSINE",
    readVector: (row) => vectors[row] as Float32Array,
    mostBytes: 100_000,
  });
  expect(() => {
    for (const vector of vectors) engine.push(vector);
  }).toThrow(IndexMemoryError);
  expect(engine.rowCount).toBe(1_024);
  expect(engine.search(vectors[7] as Float32Array, 1, all(vectors))[0]?.row).toBe(7);
});
