import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ContentSum, contentHash } from "../../src/migration/content-hash.ts";
import type { StoreRecord } from "../../src/store/document.ts";
import { record } from "./dump/records.ts";

const hash = (of: StoreRecord, options = {}) => contentHash(of, options).toString("hex");

/** The record with its sparse pairs in one order, as the hash takes them. */
function inOrder({ sparseVector, ...rest }: StoreRecord): StoreRecord {
  if (sparseVector === undefined) return rest;
  const pairs = sparseVector.indices
    .map((index, place) => [index, sparseVector.values[place] as number] as const)
    .sort(([left], [right]) => left - right);
  return {
    ...rest,
    sparseVector: { indices: pairs.map(([index]) => index), values: pairs.map(([, value]) => value) },
  };
}

/** The same JSON value with the keys of every object in another order. */
function reordered(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(reordered);
  const entries = Object.entries(value).map(([key, member]) => [key, reordered(member)] as const);
  return Object.fromEntries(entries.reverse());
}

/** One small change, or no change. */
const change = fc.constantFrom<(record: StoreRecord) => StoreRecord>(
  (one) => ({ ...one }),
  (one) => ({ ...one, id: `${one.id}x` }),
  (one) => ({ ...one, text: one.text ?? "" }),
  (one) => ({ ...one, metadata: { ...one.metadata, a: 1 } }),
  (one) => ({ ...one, metadata: { ...one.metadata, a: "1" } }),
  ({ metadata, ...rest }) => rest,
  ({ vector, ...rest }) => rest,
  (one) => (one.vector ? { ...one, vector: Float32Array.from(one.vector, (value) => -value) } : one),
  (one) => (one.vector ? { ...one, vector: Float32Array.from(one.vector).reverse() } : one),
  (one) => ({ ...one, sparseVector: one.sparseVector ?? { indices: [], values: [] } }),
);

describe("the content hash of a record (MIG-6)", () => {
  it("is equal exactly if the records are", () => {
    fc.assert(
      fc.property(record, fc.oneof(record, change), (one, other) => {
        const second = typeof other === "function" ? other(one) : other;
        expect(hash(one) === hash(second)).toBe(isDeepStrictEqual(inOrder(one), inOrder(second)));
      }),
      { numRuns: 1_000 },
    );
  });

  it("does not depend on the order of keys, nor on that of sparse pairs, nor on how floats are kept", () => {
    fc.assert(
      fc.property(record, (one) => {
        const other: StoreRecord = {
          ...one,
          ...(one.metadata && { metadata: reordered(one.metadata) as Record<string, unknown> }),
          ...(one.vector && { vector: [...one.vector] }),
          ...(one.sparseVector && {
            sparseVector: {
              indices: one.sparseVector.indices.toReversed(),
              values: one.sparseVector.values.toReversed(),
            },
          }),
        };
        expect(hash(other)).toBe(hash(one));
      }),
    );
  });

  it("distinguishes values of different types, and missing from empty parts", () => {
    const values = [
      1,
      "1",
      true,
      null,
      "true",
      "null",
      [],
      {},
      [1],
      ["1"],
      [[1]],
      { 0: 1 },
      "",
      "[]",
      1e21,
      0.1,
    ];
    const different: StoreRecord[] = [
      ...values.map((value) => ({ id: "a", metadata: { key: value } })),
      { id: "a" },
      { id: "a", text: "" },
      { id: "a", metadata: {} },
      { id: "a", vector: [] },
      { id: "a", vector: [0] },
      { id: "a", vector: [-0] },
      { id: "a", sparseVector: { indices: [], values: [] } },
      { id: "a", sparseVector: { indices: [0], values: [0] } },
      { id: "a", text: "\u00e9" },
      { id: "a", text: "e\u0301" },
      { id: "a", text: "\ud800" },
      { id: "a", text: "\udbff" },
      { id: "a", text: "\ufffd" },
      { id: "a", text: "\ufeff" },
    ];
    expect(new Set(different.map((one) => hash(one))).size).toBe(different.length);
  });

  it("takes -0 in metadata for 0, any NaN of a vector for one, and doubles for the nearest float32", () => {
    expect(hash({ id: "a", metadata: { a: -0 } })).toBe(hash({ id: "a", metadata: { a: 0 } }));
    expect(hash({ id: "a", metadata: { a: undefined } })).toBe(hash({ id: "a", metadata: {} }));
    const payload = new Float32Array(Uint32Array.of(0x7fc00001).buffer);
    expect(hash({ id: "a", vector: payload })).toBe(hash({ id: "a", vector: [Number.NaN] }));
    expect(hash({ id: "a", vector: [0.1] })).toBe(hash({ id: "a", vector: [Math.fround(0.1)] }));
  });

  it("leaves the vectors out when asked", () => {
    fc.assert(
      fc.property(record, (one) => {
        const { vector, sparseVector, ...rest } = one;
        expect(hash(one, { vectors: false })).toBe(hash(rest));
      }),
    );
  });
});

it("refuses metadata that is nested without end, by the record's id", () => {
  const nested = JSON.parse(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`);
  expect(() => contentHash({ id: "deep", metadata: nested })).toThrow(/"deep".*nested too deeply/);
});

describe("the hash of many records (MIG-6)", () => {
  it("is the same in any order, and different if a record changes, is added or removed", () => {
    const sumOf = (list: readonly StoreRecord[]) => {
      const sum = new ContentSum();
      for (const one of list) sum.add(contentHash(one));
      return sum.hex();
    };
    fc.assert(
      fc.property(fc.array(record, { minLength: 1 }), record, (list, another) => {
        expect(sumOf(list.toReversed())).toBe(sumOf(list));
        expect(sumOf([...list, another])).not.toBe(sumOf(list));
        expect(sumOf(list.slice(1))).not.toBe(sumOf(list));
      }),
    );
    expect(sumOf([])).toBe("0".repeat(64));
  });
});
