import { BinaryFile } from "./binary-file.ts";
import { damage, notReadable } from "./faults.ts";

/** The layout of the elements of `data_level0.bin`: offsets in bytes from the start of an element. */
export interface HnswHeader {
  /** Elements in the file, including deleted ones. */
  readonly count: number;
  readonly elementBytes: number;
  readonly vectorOffset: number;
  /** Offset of the label, a uint64. */
  readonly labelOffset: number;
}

const headerBytes = 100;
const formatVersion = 1;

/**
 * Reads `header.bin`: int32 format version, then uint64 offset of level 0, capacity, count, bytes an element,
 * offset of the label, offset of the vector; little-endian.
 *
 * @param dimension of the collection
 * @throws {DataError} when it does not fit vectors of that dimension
 */
export function readHnswHeader(path: string, dimension: number): HnswHeader {
  const file = new BinaryFile(path);
  const bytes = Buffer.alloc(headerBytes);
  try {
    file.read(bytes, 0);
  } finally {
    file.close();
  }
  const version = bytes.readInt32LE(0);
  if (version !== formatVersion) {
    throw notReadable(
      path,
      `is of format ${version} of Chroma's HNSW files, and this reader knows format ${formatVersion}`,
      "Read the collection from a running Chroma server instead, by its URL.",
    );
  }
  const [levelOffset, capacity, count, elementBytes, labelOffset, vectorOffset] = [4, 12, 20, 28, 36, 44].map(
    (place) => Number(bytes.readBigUInt64LE(place)),
  ) as [number, number, number, number, number, number];
  const isConsistent =
    levelOffset === 0 &&
    count <= capacity &&
    labelOffset > vectorOffset &&
    elementBytes === labelOffset + BigUint64Array.BYTES_PER_ELEMENT &&
    vectorOffset >= 4;
  const found = (labelOffset - vectorOffset) / Float32Array.BYTES_PER_ELEMENT;
  if (!isConsistent || !Number.isInteger(found)) {
    throw damage(path, `it does not describe vectors of ${dimension} dimensions, as the collection has`);
  }
  if (found !== dimension) {
    throw damage(path, `it describes vectors of ${found} dimensions, and the collection has ${dimension}`, {
      hint: "The collection was made again for another embedding model while its old HNSW files stayed: copy the store in its current state, or migrate with --embed target, which needs no vectors.",
    });
  }
  return { count, elementBytes, vectorOffset, labelOffset };
}
