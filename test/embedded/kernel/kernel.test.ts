import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitPlanes } from "../../../src/embedded/index/dense/planes.ts";
import { partialFlag } from "../../../src/embedded/kernel/kernel.ts";
import { IndexMemoryError, KernelMemory } from "../../../src/embedded/kernel/memory.ts";
import * as twin from "./twin.ts";

const dimensions = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(1_024, 1_536, 5_376));

/** Bytes from a seed: an array of thousands of arbitrary numbers each is too slow to make. */
function randomBytes(seed: number, length: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 24;
  });
}

function place(memory: KernelMemory, bytes: Uint8Array): number {
  const address = memory.allocate(bytes.length);
  memory.views.uint8.set(bytes, address);
  return address;
}

function bytesOf(array: Int16Array | Uint16Array | Uint32Array | Int8Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The table of chunks: for each, addresses in the order of `entryOf`. */
function tableOf(memory: KernelMemory, chunks: readonly (readonly number[])[]): number {
  const table = memory.allocate(chunks.length * 32);
  for (const [chunk, addresses] of chunks.entries())
    memory.views.uint32.set(addresses, table / 4 + chunk * 8);
  return table;
}

function padTo(multiple: number, length: number): number {
  return Math.ceil(length / multiple) * multiple;
}

describe("the kernel gives, bit for bit, what plain TypeScript gives", () => {
  it("hammingDistances", () => {
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

  it("completeDistances", () => {
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

  it("countKeys", () => {
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

  it("pickKeys", () => {
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

  it("pickMarked", () => {
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

  it("pickSimilar", () => {
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
        (rows, metric, query, error, least) => {
          const memory = new KernelMemory();
          // The rows lie in the second of two chunks, the other way round, two places further.
          const last = rows.length + 1;
          const block = [...rows.toReversed()];
          const floats = (field: "scale" | "squaredNorm") =>
            place(memory, bytesOf(Float32Array.from([0, 0, ...block.map((one) => one[field])])));
          const table = tableOf(memory, [[], [0, 0, 0, floats("squaredNorm"), 0, floats("scale")]]);
          const rowsAt = place(memory, bytesOf(Uint32Array.from(rows, (_, index) => 4_096 + last - index)));
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
          const found = Array.from({ length: picked }, (_, index) => ({
            place: 4_096 + last - (memory.views.uint32[rowsAt / 4 + index] as number),
            similarity: memory.views.float64[similarities / 8 + index] as number,
          }));
          expect(found).toEqual(twin.pickSimilar(rows, metric, query, error, least));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("byteProducts", () => {
    fc.assert(
      fc.property(
        dimensions,
        fc.array(fc.nat({ max: 5 }), { maxLength: 9 }),
        fc.integer(),
        (dimension, positions, seed) => {
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
        },
      ),
    );
  });

  it("bitProducts", () => {
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

describe("the memory of the kernel", () => {
  it("grows, keeps what it holds, and starts every block of zeros at a multiple of 16", () => {
    const memory = new KernelMemory();
    const first = place(memory, Uint8Array.of(1, 2, 3));
    const large = memory.allocate(10_000_001);
    const next = memory.allocate(1);
    expect([first, large, next].map((address) => address % 16)).toEqual([0, 0, 0]);
    expect([...memory.views.uint8.subarray(first, first + 4)]).toEqual([1, 2, 3, 0]);
    expect(next).toBeGreaterThanOrEqual(large + 10_000_001);
    expect(memory.views.uint8[large + 10_000_000]).toBe(0);
  });

  it("says so when codes do not fit", () => {
    const memory = new KernelMemory(1_000);
    memory.allocate(900);
    expect(() => memory.allocate(200)).toThrow(IndexMemoryError);
    expect(() => new KernelMemory().allocate(2 ** 32)).toThrow(IndexMemoryError);
  });

  it("reads and writes above 2 GiB", () => {
    const memory = new KernelMemory();
    memory.allocate(2 ** 31);
    const vector = place(memory, bytesOf(new Float32Array(128).fill(-1)));
    const bits = memory.allocate(16);
    memory.kernel.signBits(vector, 16, 0, bits, bits);
    expect(vector).toBeGreaterThan(2 ** 31);
    expect([...memory.views.uint8.subarray(bits, bits + 16)]).toEqual(new Array(16).fill(0xff));
  });
});
