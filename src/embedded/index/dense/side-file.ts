import { IndexMismatchError } from "../../../errors.ts";
import type { SimilarityFunction } from "../../settings.ts";
import { type ChunkRows, DenseCodes } from "./codes.ts";

/** "rfdc", as little-endian bytes: dense codes of ragfood. */
const magic = 0x63646672;
const version = 2;
const similarities: readonly SimilarityFunction[] = ["COSINE", "EUCLIDEAN", "DOT_PRODUCT"];

/** What the codes in a side file are of; all of it has to agree. */
export interface CodesDescription {
  readonly dimension: number;
  readonly similarity: SimilarityFunction;
  readonly byteCodes: boolean;
}

/**
 * Codes as bytes: a header of uint32 (magic, version, dimension, similarity, int8 codes or not, rows),
 * then chunk after chunk bits, int8 codes, squared norms and scales of the rows that are there. Views
 * into the codes, good until the next row is pushed.
 */
export function* writeCodes(codes: DenseCodes, description: CodesDescription): Generator<Uint8Array> {
  yield bytesOf(headerOf(description, codes.rowCount));
  for (const rows of codes.chunks()) yield* parts(codes, rows);
}

/**
 * @param bytes what `writeCodes` gave, cut into pieces anywhere
 * @throws {IndexMismatchError} when they are of another index or version, or end too early
 * @throws {IndexMemoryError} when they do not fit
 */
export function readCodes(
  bytes: Iterable<Uint8Array>,
  description: CodesDescription,
  mostBytes: number | undefined,
): DenseCodes {
  const reader = new PieceReader(bytes);
  const header = headerOf(description, 0);
  const found = new Uint32Array(header.length);
  reader.fill(bytesOf(found));
  const rowCount = found[header.length - 1] as number;
  header[header.length - 1] = rowCount;
  if (!header.every((field, place) => field === found[place])) throw unusable("of another index or version");
  const codes = new DenseCodes(description.dimension, description.byteCodes, mostBytes);
  codes.extend(rowCount);
  for (const rows of codes.chunks()) {
    for (const part of parts(codes, rows)) reader.fill(part);
  }
  return codes;
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

function* parts(codes: DenseCodes, { chunk, count }: ChunkRows): Generator<Uint8Array> {
  const part = (address: number, stride: number) =>
    codes.memory.views.uint8.subarray(address, address + count * stride);
  yield part(chunk.front, codes.planes.frontStride);
  yield part(chunk.back, codes.planes.backStride);
  if (codes.hasBytes) yield part(chunk.bytes, codes.byteStride);
  yield part(chunk.squaredNorms, 4);
  if (codes.hasBytes) yield part(chunk.scales, 4);
}

/** Fills arrays of any length from pieces of any length. */
class PieceReader {
  readonly #pieces: Iterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);

  constructor(pieces: Iterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.iterator]();
  }

  fill(target: Uint8Array): void {
    let filled = 0;
    while (filled < target.length) {
      if (this.#piece.length === 0) this.#next();
      const part = this.#piece.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#piece = this.#piece.subarray(part.length);
    }
  }

  #next(): void {
    const next = this.#pieces.next();
    if (next.done) throw unusable("cut off");
    this.#piece = next.value;
  }
}

function unusable(problem: string): IndexMismatchError {
  return new IndexMismatchError(`The stored codes of the dense vectors are ${problem}.`, {
    hint: "Drop them and encode the vectors anew; nothing else is kept there.",
  });
}
