import { IndexMismatchError } from "../../../foundation/errors.ts";
import type { SimilarityFunction } from "../../settings.ts";
import { type ChunkRows, DenseCodes } from "./codes.ts";

/** "rfdc", as little-endian bytes: dense codes of ragfood. */
const magic = 0x63646672;
const version = 6;
const similarities: readonly SimilarityFunction[] = ["COSINE", "EUCLIDEAN", "DOT_PRODUCT"];

/** What the codes in a side file are of; all of it has to agree. */
export interface CodesDescription {
  readonly dimension: number;
  readonly similarity: SimilarityFunction;
  readonly byteCodes: boolean;
}

/** The source of codes, read from start to end. */
export interface CodesReader {
  /** The next bytes. @throws {RangeError} if there are fewer */
  fill(target: Uint8Array): void;
}

/**
 * What a search cannot do without: a header of uint32 (magic, version, dimension, similarity, int8 codes or
 * not, rows), then chunk after chunk bits, squared norms and scales of the rows that are there. Views into
 * the codes, good until the next row is pushed.
 */
export function* writeBits(codes: DenseCodes, description: CodesDescription): Generator<Uint8Array> {
  yield bytesOf(headerOf(description, codes.rowCount));
  for (const rows of codes.chunks()) yield* bitParts(codes, rows);
}

/** The int8 codes, chunk after chunk; nothing without them. */
export function* writeBytes(codes: DenseCodes): Generator<Uint8Array> {
  if (!codes.hasBytes) return;
  for (const rows of codes.chunks()) yield bytePart(codes, rows);
}

/**
 * Codes without int8, from what `writeBits` gave.
 * @throws {IndexMismatchError} when it is of another index or version
 * @throws {RangeError} when it ends early
 * @throws {IndexMemoryError} if it does not fit
 */
export function readBits(
  reader: CodesReader,
  description: CodesDescription,
  mostBytes: number | undefined,
): DenseCodes {
  const header = headerOf(description, 0);
  const found = new Uint32Array(header.length);
  reader.fill(bytesOf(found));
  const rowCount = found[header.length - 1] as number;
  header[header.length - 1] = rowCount;
  if (!header.every((field, place) => field === found[place])) {
    throw new IndexMismatchError("The stored codes of the dense vectors are of another index or version.", {
      hint: "Delete the file; the vectors are encoded again.",
    });
  }
  const codes = new DenseCodes(description.dimension, description.byteCodes, mostBytes);
  codes.extend(rowCount);
  for (const rows of codes.chunks()) {
    for (const part of bitParts(codes, rows)) reader.fill(part);
  }
  return codes;
}

/** Fills in the int8 codes of the first `rowCount` rows, from what `writeBytes` gave, a chunk a step. */
export function* readInt8(reader: CodesReader, codes: DenseCodes, rowCount: number): Generator<void> {
  for (const rows of codes.chunks(rowCount)) {
    reader.fill(bytePart(codes, rows));
    yield;
  }
}

function headerOf(description: CodesDescription, rowCount: number): Uint32Array {
  const similarity = similarities.indexOf(description.similarity);
  return Uint32Array.of(
    magic,
    version,
    description.dimension,
    similarity,
    description.byteCodes ? 1 : 0,
    rowCount,
  );
}

function bytesOf(header: Uint32Array): Uint8Array {
  return new Uint8Array(header.buffer);
}

function* bitParts(codes: DenseCodes, { chunk, count }: ChunkRows): Generator<Uint8Array> {
  yield part(codes, chunk.front, count * codes.planes.frontStride);
  yield part(codes, chunk.back, count * codes.planes.backStride);
  yield part(codes, chunk.squaredNorms, count * 4);
  yield part(codes, chunk.bitScales, count * 4);
  if (codes.hasBytes) yield part(codes, chunk.byteScales, count * 4);
}

function bytePart(codes: DenseCodes, { chunk, count }: ChunkRows): Uint8Array {
  return part(codes, chunk.bytes, count * codes.byteStride);
}

function part(codes: DenseCodes, address: number, length: number): Uint8Array {
  return codes.memory.views.uint8.subarray(address, address + length);
}
