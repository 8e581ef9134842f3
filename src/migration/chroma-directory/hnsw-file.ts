import { join } from "node:path";
import type { RecordFault } from "../record-fault.ts";
import { BinaryFile } from "./binary-file.ts";
import { damage } from "./faults.ts";
import { type HnswHeader, readHnswHeader } from "./hnsw-header.ts";
import { HnswLabels } from "./hnsw-labels.ts";

export interface HnswOptions {
  readonly dimension: number;
  /** Under cosine the file holds vectors of length one, and `length.bin` what they were long before. */
  readonly isCosine: boolean;
  /** Continue if files are shorter than they should be. */
  readonly salvage: boolean;
}

/** Bytes read at once, at most. */
const chunkBytes = 2 ** 20;
/**
 * How far from one the length of a normalised vector may be. Rounding to float32 moves it by less than 1e-6;
 * a vector that is farther off is damaged.
 */
const lengthTolerance = 1e-3;
/** A vector of zeros stays one when it is normalised; its length may be the smallest number above zero. */
const noLength = 1e-20;

/** The vectors of a collection that lie in its HNSW files. */
export class HnswFile {
  readonly #vectors: BinaryFile;
  readonly #lengths: BinaryFile | undefined;
  readonly #header: HnswHeader;
  readonly #labels: HnswLabels;
  readonly #dimension: number;

  /** @throws {DataError} when a file is missing, cut off, or not of the collection's dimension */
  constructor(directory: string, { dimension, isCosine, salvage }: HnswOptions) {
    this.#dimension = dimension;
    this.#header = readHnswHeader(join(directory, "header.bin"), dimension);
    const opened: BinaryFile[] = [];
    const open = (name: string) => {
      const file = new BinaryFile(join(directory, name));
      opened.push(file);
      return file;
    };
    try {
      this.#vectors = open("data_level0.bin");
      this.#lengths = isCosine ? open("length.bin") : undefined;
      this.#labels = new HnswLabels(this.#vectors, this.#header, salvage);
      if (this.#lengths && this.#lengths.size < this.#header.count * 4 && !salvage) {
        throw damage(this.#lengths.path, `it is too short for ${this.#header.count} lengths`);
      }
    } catch (error) {
      for (const file of opened) file.close();
      throw error;
    }
  }

  /** The vectors of these labels, each as it was added, or why it cannot be read. */
  read(labels: readonly number[]): (Float32Array | RecordFault)[] {
    const found = labels.map((label) => this.#labels.find(label));
    const positions = found.filter((position) => typeof position === "number").sort((a, b) => a - b);
    const vectors = new Map<number, Float32Array | RecordFault>();
    for (const run of runsOf(positions, Math.max(1, Math.floor(chunkBytes / this.#header.elementBytes)))) {
      this.#readRun(run, vectors);
    }
    return found.map((place) =>
      typeof place === "string" ? { problem: place } : (vectors.get(place) as Float32Array | RecordFault),
    );
  }

  close(): void {
    this.#vectors.close();
    this.#lengths?.close();
  }

  #readRun({ first, count }: Run, vectors: Map<number, Float32Array | RecordFault>): void {
    const { elementBytes, vectorOffset } = this.#header;
    const bytes = Buffer.allocUnsafe(count * elementBytes);
    this.#vectors.read(bytes, first * elementBytes);
    const lengths = this.#lengths && this.#readLengths(this.#lengths, first, count);
    for (let element = 0; element < count; element++) {
      const start = element * elementBytes + vectorOffset;
      const vector = new Float32Array(this.#dimension);
      new Uint8Array(vector.buffer).set(bytes.subarray(start, start + vector.byteLength));
      vectors.set(first + element, lengths ? restore(vector, lengths[element] as number) : vector);
    }
  }

  /** A salvaged file may be shorter; missing lengths are NaN. */
  #readLengths(file: BinaryFile, first: number, count: number): Float32Array {
    const lengths = new Float32Array(count).fill(Number.NaN);
    const held = Math.min(count, Math.floor(file.size / 4) - first);
    if (held > 0) file.read(new Uint8Array(lengths.buffer, 0, held * 4), first * 4);
    return lengths;
  }
}

interface Run {
  readonly first: number;
  readonly count: number;
}

/** Adjacent positions, at most `longest` together. */
function* runsOf(sorted: readonly number[], longest: number): Generator<Run> {
  let start = 0;
  for (let place = 1; place <= sorted.length; place++) {
    const first = sorted[start] as number;
    const isNext = sorted[place] === first + (place - start) && place - start < longest;
    if (isNext) continue;
    yield { first, count: place - start };
    start = place;
  }
}

/** The vector before it was normalised, rounded to float32. */
function restore(vector: Float32Array, length: number): Float32Array | RecordFault {
  let squares = 0;
  for (const component of vector) squares += component * component;
  if (!Number.isFinite(length) || length < 0) return { problem: "its length in length.bin is not a length" };
  if (squares === 0 && length <= noLength) return vector;
  if (!(Math.abs(Math.sqrt(squares) - 1) <= lengthTolerance)) {
    return { problem: "its vector is not normalised, as a collection under cosine stores it" };
  }
  for (let place = 0; place < vector.length; place++) vector[place] = (vector[place] as number) * length;
  return vector;
}
