import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unstructured } from "../../../bench/index/vectors.ts";
import type { CodesReader } from "../../../src/embedded/index/dense/side-file.ts";
import { DenseVectors, type LateBytes } from "../../../src/embedded/index/dense.ts";
import { IndexMemoryError } from "../../../src/embedded/kernel/memory.ts";
import { IndexMismatchError } from "../../../src/foundation/errors.ts";
import { all, engineOf, take } from "./exact.ts";

const dimension = 19;
const next = unstructured(dimension, 1);
const [query] = take(1, next) as [Float32Array];
const vectors = take(4_300, next);

/** What an engine saves, in one: bits and int8 codes. */
function saved(engine: DenseVectors): { bits: Uint8Array; bytes: Uint8Array } {
  const { bits, bytes } = engine.save();
  return { bits: Buffer.concat([...bits]), bytes: Buffer.concat([...bytes]) };
}

/** Compared in place of the bytes, which takes long. */
function digests(engine: DenseVectors): string[] {
  return Object.values(saved(engine)).map((part) => createHash("sha256").update(part).digest("hex"));
}

function readerOf(bytes: Uint8Array): CodesReader {
  let position = 0;
  return {
    fill: (target) => {
      if (position + target.length > bytes.length) throw new RangeError("no more");
      target.set(bytes.subarray(position, position + target.length));
      position += target.length;
    },
  };
}

/** Reads int8 codes and says, as a side file does, whether they are what was written. */
function lateBytes(bytes: Uint8Array, isIntact = true): LateBytes {
  return function* (fill) {
    yield* fill(readerOf(bytes));
    return isIntact;
  };
}

describe("save and restore", () => {
  const copyOf = (byteCodes: boolean) =>
    engineOf([], "COSINE", {
      dimension,
      byteCodes,
      readVectors: (rows) => rows.map((row) => vectors[row] as Float32Array),
    });

  it("bring back an engine that finds the same and takes further rows", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.constantFrom(0, 1, 4_095, 4_096, 4_097, 4_300),
        fc.nat({ max: 2 }),
        (byteCodes, rowCount, searchesBefore) => {
          const engine = engineOf(vectors.slice(0, rowCount), "COSINE", { dimension, byteCodes });
          const { bits, bytes } = saved(engine);
          const copy = copyOf(byteCodes);
          copy.restore(readerOf(bits), lateBytes(bytes));
          expect(copy.rowCount).toBe(rowCount);
          for (let search = 0; search < searchesBefore; search++) {
            const counted = all(vectors).fill(0, rowCount);
            expect(copy.search(query, 10, counted)).toEqual(engine.search(query, 10, counted));
          }
          for (const vector of vectors.slice(rowCount)) copy.push(vector);
          const whole = engineOf(vectors, "COSINE", { byteCodes });
          expect(copy.search(query, 10, all(vectors))).toEqual(whole.search(query, 10, all(vectors)));
          expect(digests(copy)).toEqual(digests(whole));
        },
      ),
      { numRuns: 20 },
    );
  });

  it("the first search uses bits, later ones load the int8 codes in steps", async () => {
    const engine = engineOf(vectors, "COSINE");
    const { bits, bytes } = saved(engine);
    const copy = copyOf(true);
    let begun = 0;
    copy.restore(readerOf(bits), function* (fill) {
      begun++;
      yield* fill(readerOf(bytes));
      return true;
    });
    // So few that each is measured; of all of them, bits alone could not tell the best.
    const few = all(vectors).fill(0, 900);
    const expected = engine.search(query, 5, few);
    expect(copy.search(query, 5, few)).toEqual(expected);
    expect(begun).toBe(0);
    const searches = [1, 2, 3].map(() => copy.searchInSlices(query, 5, few));
    expect(await Promise.all(searches)).toEqual([expected, expected, expected]);
    expect(begun).toBe(1);
  });

  it("the int8 codes come in at once where bits alone do not do", () => {
    const engine = engineOf(vectors, "COSINE");
    const { bits, bytes } = saved(engine);
    const copy = copyOf(true);
    let begun = 0;
    copy.restore(readerOf(bits), function* (fill) {
      begun++;
      return yield* lateBytes(bytes)(fill);
    });
    expect(copy.search(query, 5, all(vectors))).toEqual(engine.search(query, 5, all(vectors)));
    expect(begun).toBe(1);
  });

  it("int8 codes that are not what was written are not used, and not saved again", () => {
    const engine = engineOf(vectors, "COSINE");
    const { bits, bytes } = saved(engine);
    const copy = copyOf(true);
    copy.restore(
      readerOf(bits),
      lateBytes(
        Uint8Array.from(bytes, (byte) => 255 - byte),
        false,
      ),
    );
    for (let search = 0; search < 3; search++) {
      expect(copy.search(query, 5, all(vectors))).toEqual(engine.search(query, 5, all(vectors)));
    }
    expect(() => copy.save()).toThrow(RangeError);
  });

  it("what is not theirs is refused, and the rows stay", () => {
    const engine = engineOf(vectors, "COSINE");
    const before = saved(engine);
    const { bits } = before;
    const refused = [
      saved(engineOf(vectors, "EUCLIDEAN")).bits,
      saved(engineOf(vectors, "COSINE", { byteCodes: false })).bits,
      saved(engineOf(take(5, unstructured(20, 1)), "COSINE")).bits,
      Uint8Array.from(bits, (byte, place) => (place === 4 ? byte + 1 : byte)),
    ];
    for (const other of refused) {
      expect(() => engine.restore(readerOf(other), lateBytes(before.bytes))).toThrow(IndexMismatchError);
    }
    for (const length of [bits.length - 1, 10, 0]) {
      const cut = readerOf(bits.subarray(0, length));
      expect(() => engine.restore(cut, lateBytes(before.bytes))).toThrow(RangeError);
    }
    expect(saved(engine)).toEqual(before);
  });
});

it("codes beyond the memory allowed are refused by name", () => {
  const engine = new DenseVectors({
    dimension,
    similarity: "COSINE",
    readVectors: (rows) => rows.map((row) => vectors[row] as Float32Array),
    mostBytes: 330_000,
  });
  expect(() => {
    for (const vector of vectors) engine.push(vector);
  }).toThrow(IndexMemoryError);
  expect(engine.rowCount).toBe(4_096);
  expect(engine.search(vectors[7] as Float32Array, 1, all(vectors))[0]?.row).toBe(7);
});
