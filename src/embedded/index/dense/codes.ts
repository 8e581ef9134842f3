import { KernelMemory } from "../../kernel/memory.ts";
import { dotProduct } from "../similarity.ts";
import { type BitPlanes, bitPlanes } from "./planes.ts";

/**
 * Rows of a chunk: 4.7 MB of both codes at 1,024 dimensions; pages without rows take no memory. Each chunk
 * costs a search about 3 µs of calls; its rows are one step, up to 4 ms at 5,376 dimensions.
 */
export const rowsPerChunk = 4_096;

/** Addresses of the parts of one chunk; in each part row follows row. */
export interface Chunk {
  /** bits[4096][frontStride · 8] */
  readonly front: number;
  /** bits[4096][backStride · 8] */
  readonly back: number;
  /** i8[4096][byteStride]; unused without int8 codes. */
  readonly bytes: number;
  /** f32[4096], as `dotProduct(vector, vector)` gives them. */
  readonly squaredNorms: number;
  /** f32[4096], component ≈ scale · int8 code; unused without int8 codes. */
  readonly scales: number;
}

/** A run of rows within one chunk. */
export interface ChunkRows {
  readonly chunk: Chunk;
  /** The row at position 0. */
  readonly first: number;
  readonly count: number;
}

/** 1-bit and int8 codes of vectors in WebAssembly memory, chunk after chunk; the vectors are not kept. */
export class DenseCodes {
  readonly memory: KernelMemory;
  readonly dimension: number;
  readonly hasBytes: boolean;
  readonly planes: BitPlanes;
  /** Bytes of one row's int8 codes, a multiple of 16. */
  readonly byteStride: number;
  readonly #chunks: Chunk[] = [];
  /** float32[8 · (frontStride + backStride)]: the vector to be encoded, zeros after it. */
  readonly #vector: number;
  #rowCount = 0;

  constructor(dimension: number, hasBytes: boolean, mostBytes?: number) {
    this.dimension = dimension;
    this.hasBytes = hasBytes;
    this.planes = bitPlanes(dimension);
    this.byteStride = Math.ceil(dimension / 16) * 16;
    this.memory = new KernelMemory(mostBytes);
    this.#vector = this.memory.allocate((this.planes.frontStride + this.planes.backStride) * 32);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /**
   * Encodes the next row.
   * @throws {IndexMemoryError} if the memory is full
   */
  push(vector: Float32Array): void {
    const { chunk, position } = this.#nextRow();
    const { kernel, views } = this.memory;
    const { frontStride, backStride } = this.planes;
    this.encodeBits(vector, chunk.front + position * frontStride, chunk.back + position * backStride);
    if (this.hasBytes) {
      views.float32[chunk.scales / 4 + position] = kernel.quantize(
        this.#vector,
        this.byteStride,
        chunk.bytes + position * this.byteStride,
      );
    }
    views.float32[chunk.squaredNorms / 4 + position] = dotProduct(vector, vector);
    this.#rowCount++;
  }

  /** Writes the bits of a vector to the two addresses, and leaves it staged for further encoding. */
  encodeBits(vector: Float32Array, front: number, back: number): void {
    const { kernel, views } = this.memory;
    views.float32.set(vector, this.#vector / 4);
    kernel.signBits(this.#vector, this.planes.frontStride, this.planes.backStride, front, back);
  }

  /** Copies the bits of a row to two addresses of another memory that has the same planes. */
  copyBits(row: number, target: Uint8Array, front: number, back: number): void {
    const chunk = this.#chunks[Math.floor(row / rowsPerChunk)] as Chunk;
    const position = row % rowsPerChunk;
    const { frontStride, backStride } = this.planes;
    const { uint8 } = this.memory.views;
    const frontAt = chunk.front + position * frontStride;
    const backAt = chunk.back + position * backStride;
    target.set(uint8.subarray(frontAt, frontAt + frontStride), front);
    target.set(uint8.subarray(backAt, backAt + backStride), back);
  }

  /** A row as its int8 codes have it: `float32[dimension]`. */
  vectorOf(row: number): Float32Array {
    const chunk = this.#chunks[Math.floor(row / rowsPerChunk)] as Chunk;
    const start = chunk.bytes + (row % rowsPerChunk) * this.byteStride;
    const codes = new Int8Array(this.memory.views.uint8.buffer, start, this.dimension);
    const scale = this.scale(row);
    const vector = new Float32Array(this.dimension);
    for (let component = 0; component < vector.length; component++) {
      vector[component] = scale * (codes[component] as number);
    }
    return vector;
  }

  squaredNorm(row: number): number {
    return this.#number((chunk) => chunk.squaredNorms, row);
  }

  scale(row: number): number {
    return this.#number((chunk) => chunk.scales, row);
  }

  /** The first `rowCount` rows, a chunk at a time. */
  *chunks(rowCount: number = this.#rowCount): Generator<ChunkRows> {
    for (let number = 0; number * rowsPerChunk < rowCount; number++) yield this.chunkRows(number, rowCount);
  }

  /** Those of the first `rowCount` rows that are in a chunk. */
  chunkRows(number: number, rowCount: number): ChunkRows {
    const first = number * rowsPerChunk;
    return {
      chunk: this.#chunks[number] as Chunk,
      first,
      count: Math.min(rowsPerChunk, rowCount - first),
    };
  }

  /** Makes room for rows that the caller writes into the chunks itself. */
  extend(rowCount: number): void {
    while (this.#chunks.length * rowsPerChunk < rowCount) this.#chunks.push(this.#allocateChunk());
    this.#rowCount = rowCount;
  }

  #nextRow(): { chunk: Chunk; position: number } {
    const position = this.#rowCount % rowsPerChunk;
    if (this.#rowCount === this.#chunks.length * rowsPerChunk) this.#chunks.push(this.#allocateChunk());
    return { chunk: this.#chunks[Math.floor(this.#rowCount / rowsPerChunk)] as Chunk, position };
  }

  #allocateChunk(): Chunk {
    const frontBytes = rowsPerChunk * this.planes.frontStride;
    const backBytes = rowsPerChunk * this.planes.backStride;
    const byteBytes = this.hasBytes ? rowsPerChunk * this.byteStride : 0;
    const normBytes = rowsPerChunk * 4;
    const scaleBytes = this.hasBytes ? normBytes : 0;
    const front = this.memory.allocate(frontBytes + backBytes + byteBytes + normBytes + scaleBytes);
    const back = front + frontBytes;
    const bytes = back + backBytes;
    const squaredNorms = bytes + byteBytes;
    return { front, back, bytes, squaredNorms, scales: squaredNorms + normBytes };
  }

  #number(part: (chunk: Chunk) => number, row: number): number {
    const chunk = this.#chunks[Math.floor(row / rowsPerChunk)] as Chunk;
    return this.memory.views.float32[part(chunk) / 4 + (row % rowsPerChunk)] as number;
  }
}
