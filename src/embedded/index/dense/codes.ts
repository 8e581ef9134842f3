import { KernelMemory } from "../../kernel/memory.ts";
import { dotProduct } from "../similarity.ts";
import { type BitPlanes, bitPlanes } from "./planes.ts";
import { type Rotation, rotationOf } from "./rotation.ts";

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
  readonly byteScales: number;
  /** f32[4096], component ≈ ± scale by its bit: squared norm / sum of magnitudes, so that inner products have no bias. */
  readonly bitScales: number;
}

/** Bytes of a chunk's entry in the table of chunks that the kernel reads, and of the entries it starts with. */
const entryBytes = 32;
const firstEntries = 64;

/** Where an entry names the scales of the codes (assembly/chunks.ts). */
export const scaleAt = { bytes: 16, bits: 20 } as const;

/** A run of rows within one chunk. */
export interface ChunkRows {
  readonly chunk: Chunk;
  /** The row at position 0. */
  readonly first: number;
  readonly count: number;
}

/**
 * 1-bit and int8 codes of rotated vectors (rotation.ts) in WebAssembly memory, chunk after chunk; the vectors are not
 * kept.
 */
export class DenseCodes {
  readonly memory: KernelMemory;
  readonly dimension: number;
  readonly hasBytes: boolean;
  readonly planes: BitPlanes;
  /** Bytes of one row's int8 codes, a multiple of 16. */
  readonly byteStride: number;
  /** Bytes of a float32 vector in the memory, a multiple of 16. */
  readonly floatStride: number;
  readonly #chunks: Chunk[] = [];
  /** float32[8 · (frontStride + backStride)]: the vector to be encoded, zeros after it. */
  readonly #vector: number;
  readonly #rotation: Rotation;
  /** float32[rounds][span] */
  readonly #factors: number;
  #table: number;
  #tableEntries: number = firstEntries;
  #rowCount = 0;
  /** The first rows, whose squared norms are finite. */
  #finiteRows = 0;

  constructor(dimension: number, hasBytes: boolean, mostBytes?: number) {
    this.dimension = dimension;
    this.hasBytes = hasBytes;
    this.planes = bitPlanes(dimension);
    this.byteStride = Math.ceil(dimension / 16) * 16;
    this.floatStride = Math.ceil(dimension / 4) * 16;
    this.memory = new KernelMemory(mostBytes);
    this.#vector = this.memory.allocate((this.planes.frontStride + this.planes.backStride) * 32);
    this.#rotation = rotationOf(dimension);
    this.#factors = this.memory.allocate(this.#rotation.factors.byteLength);
    this.memory.views.float32.set(this.#rotation.factors, this.#factors / 4);
    this.#table = this.memory.allocate(firstEntries * entryBytes);
  }

  /** The address of the table of chunks; another one after more rows. */
  get table(): number {
    return this.#table;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /**
   * Encodes the next row.
   * @throws {IndexMemoryError} if the memory is full
   */
  push(vector: Float32Array): void {
    this.#push(vector, true);
  }

  /** The same for a vector that is rotated already. */
  pushRotated(vector: Float32Array): void {
    this.#push(vector, false);
  }

  #push(vector: Float32Array, isToBeRotated: boolean): void {
    const { chunk, position } = this.#nextRow();
    const { kernel, views } = this.memory;
    const { frontStride, backStride } = this.planes;
    this.#stage(vector, isToBeRotated);
    this.#encodeStaged(chunk.front + position * frontStride, chunk.back + position * backStride);
    if (this.hasBytes) {
      views.float32[chunk.byteScales / 4 + position] = kernel.quantize(
        this.#vector,
        this.byteStride,
        chunk.bytes + position * this.byteStride,
      );
    }
    const squaredNorm = dotProduct(vector, vector);
    const bitScale = squaredNorm / kernel.sumOfMagnitudes(this.#vector, this.byteStride);
    views.float32[chunk.squaredNorms / 4 + position] = squaredNorm;
    views.float32[chunk.bitScales / 4 + position] = Number.isFinite(bitScale) ? bitScale : 0;
    this.#rowCount++;
  }

  /** Takes over a row of other codes of the same dimension that have int8 codes too. */
  copyRow(other: DenseCodes, row: number): void {
    const { chunk, position } = this.#nextRow();
    const from = other.#chunks[Math.floor(row / rowsPerChunk)] as Chunk;
    const fromPosition = row % rowsPerChunk;
    const { uint8: target } = this.memory.views;
    const { uint8: source } = other.memory.views;
    const copy = (part: keyof Chunk, stride: number) => {
      const start = from[part] + fromPosition * stride;
      target.set(source.subarray(start, start + stride), chunk[part] + position * stride);
    };
    copy("front", this.planes.frontStride);
    copy("back", this.planes.backStride);
    copy("bytes", this.byteStride);
    for (const numbers of ["squaredNorms", "byteScales", "bitScales"] as const) copy(numbers, 4);
    this.#rowCount++;
  }

  /** The rotated vector: `float32[dimension]`. */
  rotate(vector: Float32Array): Float32Array {
    this.#stage(vector, true);
    const start = this.#vector / 4;
    return this.memory.views.float32.slice(start, start + this.dimension);
  }

  /**
   * Writes a rotated vector as i16[8 · (frontStride + backStride)] to the address.
   * @returns the value of one step of a code, so that the largest magnitude becomes `largest`
   */
  quantizeWide(rotated: Float32Array, largest: number, address: number): number {
    this.#stage(rotated, false);
    const { frontStride, backStride } = this.planes;
    return this.memory.kernel.quantizeWide(this.#vector, 8 * (frontStride + backStride), largest, address);
  }

  /** Writes the bits of a rotated vector to the two addresses. */
  encodeBits(rotated: Float32Array, front: number, back: number): void {
    this.#stage(rotated, false);
    this.#encodeStaged(front, back);
  }

  #stage(vector: Float32Array, isToBeRotated: boolean): void {
    const { kernel, views } = this.memory;
    views.float32.set(vector, this.#vector / 4);
    const { span, rounds } = this.#rotation;
    if (isToBeRotated) kernel.rotate(this.#vector, this.dimension, span, this.#factors, rounds);
  }

  #encodeStaged(front: number, back: number): void {
    const { frontStride, backStride } = this.planes;
    this.memory.kernel.signBits(this.#vector, frontStride, backStride, front, back);
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

  /** The rotated vector of a row as its int8 codes have it: `float32[dimension]`. */
  vectorOf(row: number): Float32Array {
    const vector = new Float32Array(this.dimension);
    this.addTo(vector, 0, row, 1);
    return vector;
  }

  /** Adds `weight` times that vector to the numbers from `start` on. */
  addTo(sums: Float32Array, start: number, row: number, weight: number): void {
    const chunk = this.#chunks[Math.floor(row / rowsPerChunk)] as Chunk;
    const first = chunk.bytes + (row % rowsPerChunk) * this.byteStride;
    const codes = this.memory.views.int8.subarray(first, first + this.dimension);
    const factor = weight * this.byteScale(row);
    for (let component = 0; component < codes.length; component++) {
      const place = start + component;
      sums[place] = (sums[place] as number) + factor * (codes[component] as number);
    }
  }

  squaredNorm(row: number): number {
    return this.#number((chunk) => chunk.squaredNorms, row);
  }

  /** Whether the squared norms of all rows are finite; float32 cannot hold those of vectors with huge components. */
  get hasFiniteNorms(): boolean {
    while (this.#finiteRows < this.#rowCount && Number.isFinite(this.squaredNorm(this.#finiteRows))) {
      this.#finiteRows++;
    }
    return this.#finiteRows === this.#rowCount;
  }

  byteScale(row: number): number {
    return this.#number((chunk) => chunk.byteScales, row);
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
    while (this.#chunks.length * rowsPerChunk < rowCount) this.#addChunk();
    this.#rowCount = rowCount;
  }

  #nextRow(): { chunk: Chunk; position: number } {
    const position = this.#rowCount % rowsPerChunk;
    if (this.#rowCount === this.#chunks.length * rowsPerChunk) this.#addChunk();
    return { chunk: this.#chunks[Math.floor(this.#rowCount / rowsPerChunk)] as Chunk, position };
  }

  #addChunk(): void {
    const chunk = this.#allocateChunk();
    if (this.#chunks.length === this.#tableEntries) this.#growTable();
    const { front, back, bytes, squaredNorms, byteScales, bitScales } = chunk;
    const place = (this.#table + this.#chunks.length * entryBytes) / 4;
    this.memory.views.uint32.set([front, back, bytes, squaredNorms, byteScales, bitScales], place);
    this.#chunks.push(chunk);
  }

  #growTable(): void {
    const length = this.#tableEntries * entryBytes;
    const table = this.memory.allocate(2 * length);
    this.memory.views.uint8.copyWithin(table, this.#table, this.#table + length);
    this.#table = table;
    this.#tableEntries *= 2;
  }

  #allocateChunk(): Chunk {
    const frontBytes = rowsPerChunk * this.planes.frontStride;
    const backBytes = rowsPerChunk * this.planes.backStride;
    const byteBytes = this.hasBytes ? rowsPerChunk * this.byteStride : 0;
    const numberBytes = rowsPerChunk * 4;
    const byteScaleBytes = this.hasBytes ? numberBytes : 0;
    const front = this.memory.allocate(frontBytes + backBytes + byteBytes + 2 * numberBytes + byteScaleBytes);
    const back = front + frontBytes;
    const bytes = back + backBytes;
    const squaredNorms = bytes + byteBytes;
    const bitScales = squaredNorms + numberBytes;
    const byteScales = bitScales + numberBytes;
    return { front, back, bytes, squaredNorms, byteScales, bitScales };
  }

  #number(part: (chunk: Chunk) => number, row: number): number {
    const chunk = this.#chunks[Math.floor(row / rowsPerChunk)] as Chunk;
    return this.memory.views.float32[part(chunk) / 4 + (row % rowsPerChunk)] as number;
  }
}
