import type { SparseVector } from "../../embedding/embedder.ts";

/** A sparse vector in typed arrays: `indices` int32, `values` float32, of equal length. */
export interface PackedSparseVector {
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

export function packSparse(vector: SparseVector): PackedSparseVector {
  return { indices: Int32Array.from(vector.indices), values: Float32Array.from(vector.values) };
}

/** The bytes of a dense vector, little-endian float32. */
export function denseToBytes(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

export function denseFromBytes(bytes: Uint8Array): Float32Array {
  return new Float32Array(aligned(bytes));
}

/** All indices, then all values, 4 bytes each, little-endian. */
export function sparseToBytes(vector: PackedSparseVector): Uint8Array {
  const count = vector.indices.length;
  const bytes = new Uint8Array(count * 8);
  new Int32Array(bytes.buffer, 0, count).set(vector.indices);
  new Float32Array(bytes.buffer, count * 4, count).set(vector.values);
  return bytes;
}

export function sparseFromBytes(bytes: Uint8Array): PackedSparseVector {
  const count = bytes.length / 8;
  const buffer = aligned(bytes);
  return { indices: new Int32Array(buffer, 0, count), values: new Float32Array(buffer, count * 4, count) };
}

/** A buffer of only these bytes: a view of four-byte numbers must start at a multiple of four. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return (whole ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer;
}
