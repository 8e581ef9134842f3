/** Blocks of bytes for the kernel. */
import fc from "fast-check";
import type { KernelMemory } from "../../../src/embedded/kernel/memory.ts";

export const dimensions: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.constantFrom(1_024, 1_536, 5_376),
);

/** Bytes from a seed: an array of thousands of arbitrary numbers each is too slow to make. */
export function randomBytes(seed: number, length: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 24;
  });
}

export function place(memory: KernelMemory, bytes: Uint8Array): number {
  const address = memory.allocate(bytes.length);
  memory.views.uint8.set(bytes, address);
  return address;
}

export function bytesOf(
  array: Int16Array | Uint16Array | Uint32Array | Int8Array | Float32Array,
): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The table of chunks: for each, addresses in the order of assembly/chunks.ts. */
export function tableOf(memory: KernelMemory, chunks: readonly (readonly number[])[]): number {
  const table = memory.allocate(chunks.length * 32);
  for (const [chunk, addresses] of chunks.entries())
    memory.views.uint32.set(addresses, table / 4 + chunk * 8);
  return table;
}

export function padTo(multiple: number, length: number): number {
  return Math.ceil(length / multiple) * multiple;
}
