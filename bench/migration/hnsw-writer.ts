import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { DistanceSpace } from "./chroma-store.ts";

/** One element of the HNSW files: live under its label, or marked as deleted. */
export interface HnswElement {
  readonly label: number;
  vector: Float32Array;
  isDeleted: boolean;
}

/** Links of an element at level 0: 32 neighbours and their count, as Chroma's default of M = 16 has it. */
const linkBytes = 33 * 4;

/** Writes header.bin, data_level0.bin, length.bin and link_lists.bin; the graph itself is left empty. */
export function writeHnswFiles(
  directory: string,
  elements: readonly HnswElement[],
  dimension: number,
  space: DistanceSpace,
): void {
  mkdirSync(directory, { recursive: true });
  const elementBytes = linkBytes + dimension * 4 + 8;
  writeFileSync(join(directory, "header.bin"), header(elements.length, elementBytes));
  writeFileSync(join(directory, "link_lists.bin"), "");
  const lengths = new Float32Array(elements.length);
  const file = openSync(join(directory, "data_level0.bin"), "w");
  try {
    for (const [position, { label, vector, isDeleted }] of elements.entries()) {
      const bytes = Buffer.alloc(elementBytes);
      if (isDeleted) bytes.writeUInt8(1, 2);
      const length = Math.fround(
        Math.sqrt(vector.reduce((sum, component) => sum + component * component, 0)),
      );
      // Other spaces leave uninitialised memory in length.bin.
      lengths[position] = space === "cosine" ? length : Number.NaN;
      const stored = space === "cosine" ? vector.map((component) => component / (length || 1)) : vector;
      bytes.set(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), linkBytes);
      bytes.writeBigUInt64LE(BigInt(label), elementBytes - 8);
      writeSync(file, bytes);
    }
  } finally {
    closeSync(file);
  }
  writeFileSync(join(directory, "length.bin"), new Uint8Array(lengths.buffer));
}

/** The 100 bytes that describe the other files. */
function header(count: number, elementBytes: number): Buffer {
  const bytes = Buffer.alloc(100);
  bytes.writeInt32LE(1, 0);
  const fields = [0, count + 40, count, elementBytes, elementBytes - 8, linkBytes];
  for (const [place, field] of fields.entries()) bytes.writeBigUInt64LE(BigInt(field), 4 + place * 8);
  return bytes;
}
