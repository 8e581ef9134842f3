import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitPlanes } from "../../../src/embedded/index/dense/planes.ts";
import { KernelMemory } from "../../../src/embedded/kernel/memory.ts";
import { bytesOf, padTo, place, randomBytes } from "./blocks.ts";
import * as twin from "./twin.ts";

describe("the kernel gives, bit for bit, what plain TypeScript gives", () => {
  it("rotate and sumOfMagnitudes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.nat({ max: 3 }),
        fc.integer(),
        (count, rounds, seed) => {
          const span = 2 ** Math.floor(Math.log2(count));
          const memory = new KernelMemory();
          const vector = Float32Array.from(randomBytes(seed, count), (byte) => byte / 7 - 18);
          const factors = Float32Array.from(randomBytes(seed + 1, rounds * span), (byte) => byte / 100 - 1.3);
          const padded = new Float32Array(padTo(4, count));
          padded.set(vector);
          const vectorAt = place(memory, bytesOf(padded));
          memory.kernel.rotate(vectorAt, count, span, place(memory, bytesOf(factors)), rounds);
          const expected = twin.rotate(vector, span, factors, rounds);
          const rotated = memory.views.float32.subarray(vectorAt / 4, vectorAt / 4 + count);
          expect([...rotated]).toEqual([...expected]);
          expect(memory.kernel.sumOfMagnitudes(vectorAt, padded.length)).toBe(twin.sumOfMagnitudes(expected));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("quantizeWide and planeBits", () => {
    const component = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -20, max: 20 }),
    );
    fc.assert(
      fc.property(
        fc.array(component, { minLength: 1, maxLength: 700 }),
        fc.constantFrom(7, 5_000, 32_767),
        fc.nat({ max: 15 }),
        (components, largest, bit) => {
          const memory = new KernelMemory();
          const { frontStride, backStride } = bitPlanes(components.length);
          const padded = new Float32Array((frontStride + backStride) * 8);
          padded.set(components);
          const vectorAt = place(memory, bytesOf(padded));
          const codesAt = place(memory, new Uint8Array(2 * padded.length).fill(0xaa));
          const frontAt = place(memory, new Uint8Array(frontStride).fill(0xaa));
          const backAt = place(memory, new Uint8Array(backStride).fill(0xaa));
          const scale = memory.kernel.quantizeWide(vectorAt, padded.length, largest, codesAt);
          memory.kernel.planeBits(codesAt, bit, frontStride, backStride, frontAt, backAt);
          const expected = twin.quantizeWide(padded, largest);
          expect(memory.views.int16.slice(codesAt / 2, codesAt / 2 + padded.length)).toEqual(expected.codes);
          expect(scale).toBe(expected.scale);
          expect({
            front: memory.views.uint8.slice(frontAt, frontAt + frontStride),
            back: memory.views.uint8.slice(backAt, backAt + backStride),
          }).toEqual(twin.inPlanes(twin.bitsOf(expected.codes, bit), backStride));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("signBits and quantize", () => {
    const component = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.float({ noNaN: true, min: -2, max: 2 }),
      fc.constantFrom(0, -0, 1, -1, 1e-38, 3e-45, Number.POSITIVE_INFINITY),
      fc.integer({ min: -254, max: 254 }).map((halves) => halves / 2),
    );
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 700 }), (components) => {
        const memory = new KernelMemory();
        const vector = Float32Array.from(components);
        const { frontStride, backStride } = bitPlanes(vector.length);
        const byteStride = padTo(16, vector.length);
        const padded = new Float32Array((frontStride + backStride) * 8);
        padded.set(vector);
        const vectorAt = place(memory, bytesOf(padded));
        // Blocks that hold other bytes: what is not written over would show.
        const frontAt = place(memory, new Uint8Array(frontStride).fill(0xaa));
        const backAt = place(memory, new Uint8Array(backStride).fill(0xaa));
        const codesAt = place(memory, new Uint8Array(byteStride).fill(0xaa));
        memory.kernel.signBits(vectorAt, frontStride, backStride, frontAt, backAt);
        const scale = memory.kernel.quantize(vectorAt, byteStride, codesAt);
        const expected = twin.quantize(padded.subarray(0, byteStride));
        expect({
          front: memory.views.uint8.slice(frontAt, frontAt + frontStride),
          back: memory.views.uint8.slice(backAt, backAt + backStride),
        }).toEqual(twin.inPlanes(twin.signBits(padded), backStride));
        expect(memory.views.uint8.slice(codesAt, codesAt + byteStride)).toEqual(bytesOf(expected.codes));
        expect(scale).toBe(expected.scale);
      }),
      { numRuns: 500 },
    );
  });
});
