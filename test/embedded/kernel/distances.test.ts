import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partialFlag } from "../../../src/embedded/kernel/kernel.ts";
import { KernelMemory } from "../../../src/embedded/kernel/memory.ts";
import { bytesOf, dimensions, padTo, place, randomBytes } from "./blocks.ts";
import * as twin from "./twin.ts";

describe("the kernel gives, bit for bit, what plain TypeScript gives", () => {
  it("hammingDistances of the kernel gives what plain TypeScript gives", () => {
    fc.assert(
      fc.property(
        dimensions,
        // Four rows that all count are compared side by side, others one by one.
        fc.array(fc.constantFrom(0, 1, 1, 1, 1, 2), { maxLength: 23 }),
        fc.constantFrom(0, partialFlag),
        fc.integer(),
        (dimension, marks, flag, seed) => {
          const stride = padTo(16, Math.ceil(dimension / 8));
          const memory = new KernelMemory();
          const query = randomBytes(seed, stride);
          const codes = marks.map((_, row) => randomBytes(seed + row, stride));
          const accepted = Uint8Array.from(marks);
          const distances = memory.allocate(marks.length * 2);
          const [queryAt, acceptedAt] = [place(memory, query), place(memory, accepted)];
          const codesAt = place(memory, Uint8Array.from(codes.flatMap((code) => [...code])));
          memory.kernel.hammingDistances(queryAt, codesAt, stride, acceptedAt, marks.length, flag, distances);
          expect([...memory.views.uint16.subarray(distances / 2, distances / 2 + marks.length)]).toEqual(
            twin.hammingDistances(query, codes, accepted, flag),
          );
        },
      ),
    );
  });

  it("hammingDistances of vectors that differ in every one of 5,376 components, by one and by four", () => {
    const memory = new KernelMemory();
    const stride = 5_376 / 8;
    const query = place(memory, new Uint8Array(stride));
    const codes = place(memory, new Uint8Array(5 * stride).fill(0xff));
    const accepted = place(memory, new Uint8Array(5).fill(1));
    const distances = memory.allocate(10);
    memory.kernel.hammingDistances(query, codes, stride, accepted, 5, 0, distances);
    expect([...memory.views.uint16.subarray(distances / 2, distances / 2 + 5)]).toEqual(
      new Array(5).fill(5_376),
    );
  });

  it("completeDistances of the kernel gives what plain TypeScript gives", () => {
    const distance = fc.oneof(
      fc.nat({ max: 0xffff }),
      fc.integer({ min: 0, max: 40 }).map((front) => partialFlag + front),
      fc.constant(0xffff),
    );
    fc.assert(
      fc.property(
        dimensions,
        fc.array(distance, { maxLength: 23 }),
        fc.oneof(fc.nat({ max: 40 }), fc.constant(0x7ffe)),
        fc.integer(),
        (dimension, list, most, seed) => {
          const stride = padTo(16, Math.ceil(dimension / 8));
          const memory = new KernelMemory();
          const query = randomBytes(seed, stride);
          const codes = list.map((_, row) => randomBytes(seed + row, stride));
          const queryAt = place(memory, query);
          const codesAt = place(memory, Uint8Array.from(codes.flatMap((code) => [...code])));
          const distances = place(memory, bytesOf(Uint16Array.from(list)));
          memory.kernel.completeDistances(queryAt, codesAt, stride, list.length, most, distances);
          expect([...memory.views.uint16.subarray(distances / 2, distances / 2 + list.length)]).toEqual(
            twin.completeDistances(query, codes, most, list),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  const key = fc.oneof(fc.nat({ max: 8 }), fc.integer({ min: 0x7ffe, max: 0x8001 }), fc.nat({ max: 0xffff }));

  it("countKeys of the kernel gives what plain TypeScript gives", () => {
    fc.assert(
      fc.property(
        fc.uint16Array({ maxLength: 40, max: 12 }),
        fc.uint32Array({ minLength: 1, maxLength: 12, max: 5 }),
        (keys, histogram) => {
          const memory = new KernelMemory();
          const keysAt = place(memory, bytesOf(keys));
          const histogramAt = place(memory, bytesOf(histogram));
          // Bytes after the histogram do not change.
          const behind = place(memory, new Uint8Array(16).fill(0xaa));
          memory.kernel.countKeys(keysAt, keys.length, histogram.length, histogramAt);
          const start = histogramAt / 4;
          expect(memory.views.uint32.slice(start, start + histogram.length)).toEqual(
            twin.countKeys(keys, histogram),
          );
          expect([...memory.views.uint8.subarray(behind, behind + 16)]).toEqual(new Array(16).fill(0xaa));
        },
      ),
    );
  });

  it("pickKeys of the kernel gives what plain TypeScript gives", () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 40 }), key, key, fc.nat(), (list, one, other, first) => {
        const keys = Uint16Array.from(list);
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const memory = new KernelMemory();
        const keysAt = place(memory, bytesOf(keys));
        const rows = memory.allocate(keys.length * 4);
        const picked = memory.kernel.pickKeys(keysAt, keys.length, low, high, first, rows);
        expect([...memory.views.uint32.subarray(rows / 4, rows / 4 + picked)]).toEqual(
          twin.pickKeys(keys, low, high).map((row) => first + row),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("smallestKey of the kernel gives what plain TypeScript gives", () => {
    fc.assert(
      fc.property(fc.uint16Array({ minLength: 1, maxLength: 40 }), fc.nat({ max: 0xffff }), (keys, most) => {
        const few = keys.map((one) => Math.max(one, most));
        const memory = new KernelMemory();
        // Smaller keys after the last do not count.
        const keysAt = place(memory, bytesOf(Uint16Array.of(...few, 0, 0, 0, 0, 0, 0, 0)));
        expect(memory.kernel.smallestKey(keysAt, few.length)).toBe(twin.smallestKey(few));
      }),
      { numRuns: 500 },
    );
  });

  it("pickMarked of the kernel gives what plain TypeScript gives", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1, 1, 2), { maxLength: 70 }), fc.nat(), (list, first) => {
        const marks = Uint8Array.from(list);
        const memory = new KernelMemory();
        const marksAt = place(memory, marks);
        const rows = memory.allocate(marks.length * 4);
        const picked = memory.kernel.pickMarked(marksAt, marks.length, first, rows);
        expect([...memory.views.uint32.subarray(rows / 4, rows / 4 + picked)]).toEqual(
          twin.pickMarked(marks).map((row) => first + row),
        );
      }),
      { numRuns: 500 },
    );
  });
});
