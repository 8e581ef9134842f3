import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitPlanes } from "../../../src/embedded/index/dense/planes.ts";
import { KernelMemory } from "../../../src/embedded/kernel/memory.ts";
import { bytesOf, dimensions, padTo, place, randomBytes, tableOf } from "./blocks.ts";
import * as twin from "./twin.ts";

describe("the kernel gives, bit for bit, what plain TypeScript gives", () => {
  it("pickSimilar of the kernel gives what plain TypeScript gives", () => {
    const float = fc.float({ min: 0, max: 100, noNaN: true });
    const row = fc.record({
      product: fc.integer({ min: -1_000_000, max: 1_000_000 }),
      scale: float,
      squaredNorm: fc.oneof(float, fc.constantFrom(0, Number.POSITIVE_INFINITY)),
    });
    const floor = fc.oneof(fc.double({ noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }));
    const part = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 10, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 30 }),
        fc.nat({ max: 2 }),
        fc.record({ factor: float, squaredNorm: fc.oneof(float, fc.constant(0)) }),
        fc.record({ byScale: part, byNorm: part, byAngle: part }),
        floor,
        // Four rows that follow each other are compared side by side, others one by one.
        fc.boolean(),
        (rows, metric, query, error, least, areAdjacent) => {
          const memory = new KernelMemory();
          // The rows lie in the second of two chunks, two places further.
          const numberOf = (index: number) => 4_096 + 2 + (areAdjacent ? index : rows.length - 1 - index);
          const block = areAdjacent ? rows : rows.toReversed();
          const floats = (field: "scale" | "squaredNorm") =>
            place(memory, bytesOf(Float32Array.from([0, 0, ...block.map((one) => one[field])])));
          const table = tableOf(memory, [[], [0, 0, 0, floats("squaredNorm"), 0, floats("scale")]]);
          const rowsAt = place(memory, bytesOf(Uint32Array.from(rows, (_, index) => numberOf(index))));
          const products = memory.allocate(rows.length * 4);
          memory.views.int32.set(
            rows.map(({ product }) => product),
            products / 4,
          );
          const similarities = memory.allocate(rows.length * 8);
          const picked = memory.kernel.pickSimilar(
            ...([rowsAt, products, rows.length, table, 20, metric, query.factor] as const),
            ...([query.squaredNorm, error.byScale, error.byNorm, error.byAngle] as const),
            ...([least, similarities] as const),
          );
          const places = new Map(rows.map((_, index) => [numberOf(index), index]));
          const found = Array.from({ length: picked }, (_, index) => ({
            place: places.get(memory.views.uint32[rowsAt / 4 + index] as number),
            similarity: memory.views.float64[similarities / 8 + index] as number,
          }));
          expect(found).toEqual(twin.pickSimilar(rows, metric, query, error, least));
        },
      ),
      { numRuns: 500 },
    );
  });

  /** Four rows that follow each other are compared side by side, others one by one. */
  const positionsOfSix = fc.oneof(
    fc.array(fc.nat({ max: 5 }), { maxLength: 9 }),
    fc.constantFrom([0, 1, 2, 3, 4, 5], [5, 1, 2, 3, 4, 2, 0, 1, 2, 3]),
  );

  it("byteProducts of the kernel gives what plain TypeScript gives", () => {
    fc.assert(
      fc.property(dimensions, positionsOfSix, fc.integer(), (dimension, positions, seed) => {
        const stride = padTo(16, dimension);
        const largest = Math.min(32_767, Math.floor((2 ** 31 - 1) / (127 * stride)));
        const memory = new KernelMemory();
        const query = new Int16Array(randomBytes(seed, stride * 2).buffer).map(
          (value) => value % (largest + 1),
        );
        const codes = Array.from({ length: 6 }, (_, row) =>
          new Int8Array(randomBytes(seed + 1 + row, stride).buffer).map((value) => Math.max(-127, value)),
        );
        const products = memory.allocate(positions.length * 4);
        const queryAt = place(memory, bytesOf(query));
        const codesAt = place(memory, Uint8Array.from(codes.flatMap((code) => [...bytesOf(code)])));
        const table = tableOf(memory, [[], [0, 0, codesAt]]);
        const rowsAt = place(memory, bytesOf(Uint32Array.from(positions, (position) => 4_096 + position)));
        memory.kernel.byteProducts(queryAt, rowsAt, positions.length, table, stride, products);
        expect([...memory.views.int32.subarray(products / 4, products / 4 + positions.length)]).toEqual(
          twin.byteProducts(query, codes, positions),
        );
      }),
    );
  });

  it("bitProducts of the kernel gives what plain TypeScript gives", () => {
    fc.assert(
      fc.property(
        dimensions,
        fc.array(fc.nat({ max: 5 }), { maxLength: 9 }),
        fc.integer(),
        (dimension, positions, seed) => {
          const { frontStride, backStride } = bitPlanes(dimension);
          const stride = frontStride + backStride;
          const memory = new KernelMemory();
          const query = new Int8Array(randomBytes(seed, stride * 8).buffer).map((value) => value >> 4);
          const codes = Array.from({ length: 6 }, (_, row) => randomBytes(seed + 1 + row, stride));
          const inPlanes = codes.map((code) => twin.inPlanes(code, backStride));
          const planes = [0, 1, 2, 3].map((plane) => twin.inPlanes(twin.bitsOf(query, plane), backStride));
          const together = (parts: Uint8Array[]) =>
            place(memory, Uint8Array.from(parts.flatMap((part) => [...part])));
          const table = tableOf(memory, [
            [],
            [together(inPlanes.map(({ front }) => front)), together(inPlanes.map(({ back }) => back))],
          ]);
          const rowsAt = place(memory, bytesOf(Uint32Array.from(positions, (position) => 4_096 + position)));
          const products = memory.allocate(positions.length * 4);
          const sum = query.reduce((total, value) => total + value, 0);
          memory.kernel.bitProducts(
            ...([
              together(planes.map(({ front }) => front)),
              together(planes.map(({ back }) => back)),
            ] as const),
            ...([sum, rowsAt, positions.length, table, frontStride, backStride, products] as const),
          );
          expect([...memory.views.int32.subarray(products / 4, products / 4 + positions.length)]).toEqual(
            twin.bitProducts(query, codes, positions),
          );
        },
      ),
    );
  });
});
