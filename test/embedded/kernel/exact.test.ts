import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DenseCodes } from "../../../src/embedded/index/dense/codes.ts";
import { ExactComparison } from "../../../src/embedded/index/dense/exact-comparison.ts";
import { ScratchPool } from "../../../src/embedded/index/dense/scratch.ts";
import { plainComparison } from "../../../src/embedded/index/similarity.ts";

/** Numbers whose order of addition matters, and those at the ends of float32. */
const component = fc.oneof(
  fc.float({ min: -2, max: 2, noNaN: true }),
  fc.float({ noNaN: true }),
  fc.constantFrom(0, -0, 1e-45, 3e38, 16_777_216),
);

type Memory = { readonly codes: DenseCodes; readonly scratch: ReturnType<ScratchPool["acquire"]> };
const memories = new Map<number, Memory>();

/** One memory for each dimension: making one takes longer than all comparisons in it. */
function memoryFor(dimension: number): Memory {
  const known = memories.get(dimension);
  if (known) return known;
  const codes = new DenseCodes(dimension, true);
  const made = { codes, scratch: new ScratchPool(codes, 1).acquire() };
  memories.set(dimension, made);
  return made;
}

describe("float32 vectors are compared four at a time, to the last digit as one by one", () => {
  it.each(["dotProducts", "squaredDistances"] as const)(
    "%s of float32 vectors is equal to the last digit",
    (by) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 21 }).chain((dimension) => {
            const vector = fc.array(component, { minLength: dimension, maxLength: dimension });
            return fc.array(vector, { minLength: 2, maxLength: 11 });
          }),
          (lists) => {
            const [query, ...vectors] = lists.map((list) => Float32Array.from(list)) as [Float32Array];
            const { codes, scratch } = memoryFor(query.length);
            const comparison = new ExactComparison(codes, scratch, query);
            const plain = plainComparison(query);
            for (const some of [vectors, vectors.slice(0, 1), []])
              expect(comparison[by](some)).toEqual(plain[by](some));
          },
        ),
        { numRuns: 500 },
      );
    },
  );
});
