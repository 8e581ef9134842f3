import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KernelMemory } from "../../../src/embedded/kernel/memory.ts";
import { bytesOf, dimensions, padTo, place, randomBytes, tableOf } from "./blocks.ts";
import * as twin from "./twin.ts";

describe("the kernel gives, bit for bit, what plain TypeScript gives", () => {
  it("pickNear of the kernel gives what plain TypeScript gives", () => {
    fc.assert(
      fc.property(
        dimensions,
        fc.array(fc.nat({ max: 5 }), { maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer(),
        (dimension, positions, share, seed) => {
          const stride = padTo(16, Math.ceil(dimension / 8));
          const most = Math.floor(share * stride * 8);
          const memory = new KernelMemory();
          const query = randomBytes(seed, stride);
          const codes = Array.from({ length: 6 }, (_, row) => randomBytes(seed + row, stride));
          const queryAt = place(memory, query);
          const codesAt = place(memory, Uint8Array.from(codes.flatMap((code) => [...code])));
          const table = tableOf(memory, [[], [codesAt]]);
          const rows = place(memory, bytesOf(Uint32Array.from(positions, (position) => 4_096 + position)));
          const picked = memory.kernel.pickNear(queryAt, rows, positions.length, table, stride, most);
          expect([...memory.views.uint32.subarray(rows / 4, rows / 4 + picked)]).toEqual(
            twin.pickNear(query, codes, positions, most).map((position) => 4_096 + position),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("lookUp of the kernel gives what plain TypeScript gives", () => {
    fc.assert(
      fc.property(fc.uint16Array({ maxLength: 40, max: 50 }), fc.integer(), (keys, seed) => {
        const memory = new KernelMemory();
        const table = randomBytes(seed, 51);
        const [keysAt, tableAt] = [place(memory, bytesOf(keys)), place(memory, table)];
        const values = memory.allocate(keys.length);
        memory.kernel.lookUp(keysAt, keys.length, tableAt, values);
        expect([...memory.views.uint8.subarray(values, values + keys.length)]).toEqual(
          [...keys].map((key) => table[key]),
        );
      }),
    );
  });

  it("orderCells, also where an earlier order lies", () => {
    const binCount = 5;
    const cell = fc.record({ bin: fc.nat({ max: binCount - 1 }), size: fc.nat({ max: 100_000 }) });
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 40 }), (cells) => {
        const bins = Uint8Array.from(cells, ({ bin }) => bin);
        const sizes = Uint32Array.from(cells, ({ size }) => size);
        const memory = new KernelMemory();
        const [binsAt, sizesAt] = [place(memory, bins), place(memory, bytesOf(sizes))];
        const used = () => place(memory, new Uint8Array(4 * 40).fill(0xaa));
        const [starts, order, rowsByBin] = [used(), used(), used()];
        memory.kernel.orderCells(binsAt, sizesAt, cells.length, binCount, starts, order, rowsByBin);
        expect({
          order: [...memory.views.uint16.subarray(order / 2, order / 2 + cells.length)],
          rowsByBin: [...memory.views.uint32.subarray(rowsByBin / 4, rowsByBin / 4 + binCount)],
        }).toEqual(twin.orderCells(bins, sizes, binCount));
      }),
      { numRuns: 300 },
    );
  });
});
