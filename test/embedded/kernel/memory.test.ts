import { describe, expect, it } from "vitest";
import { IndexMemoryError, KernelMemory } from "../../../src/embedded/kernel/memory.ts";
import { bytesOf, place } from "./blocks.ts";

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
