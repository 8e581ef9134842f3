import { runInSlices, runThrough } from "../../foundation/slices.ts";
import type { SimilarityFunction } from "../settings.ts";
import { type BitKeys, bitKeys } from "./dense/bit-keys.ts";
import { CellMaker } from "./dense/cells/cell-maker.ts";
import { type Cells, leastRowsForCells } from "./dense/cells/cells.ts";
import { readCells, writeCells } from "./dense/cells/side-file.ts";
import { type TrainingSource, trainCells } from "./dense/cells/train.ts";
import { DenseCodes } from "./dense/codes.ts";
import { ScratchPool } from "./dense/scratch.ts";
import { DenseSearch, type ReadVectors } from "./dense/search.ts";
import {
  type CodesDescription,
  type CodesReader,
  readBits,
  readInt8,
  writeBits,
  writeBytes,
} from "./dense/side-file.ts";
import type { ScoredRow } from "./top-k.ts";

export interface DenseVectorsOptions {
  /** Components of a vector, from 1. */
  readonly dimension: number;
  readonly similarity: SimilarityFunction;
  /** Returns the vectors of pushed rows that `accepted` marks, unchanged: this class does not keep vectors. */
  readonly readVectors: ReadVectors;
  /**
   * Keep int8 codes beside the bits, `dimension` bytes a row. Default: true. Without them a search
   * reads 192 vectors or more, and every accepted one if these are up to 1,000.
   */
  readonly byteCodes?: boolean;
  /** Up to this many bytes of int8 codes, only these select the candidates. Default: 51.2 MB, 50,000 × 1,024. */
  readonly bitsBeyondBytes?: number;
  /** Group the rows in cells beyond this many bytes of int8 codes (`leastRowsForCells`). Default: 4 MB. */
  readonly cellsBeyondBytes?: number;
  /** The most bytes of codes. Default: the limit of WebAssembly, 4 GiB. */
  readonly mostBytes?: number;
}

/** Reads int8 codes with `fill` step by step; false if they are not the saved ones. */
export type LateBytes = (fill: (reader: CodesReader) => Iterable<void>) => Generator<void, boolean>;

/**
 * A scan of 50,000 × 1,024 int8 codes takes 3 to 10 ms, depending on the machine, and misses nothing. Below
 * that bits save little; on vectors without structure, or with few dimensions, they cost more than they save.
 */
const defaultBitsBeyondBytes = 51_200_000;

/** A scan of so many bytes takes 0.2 ms, as long as it takes to choose cells and to read a few of them. */
const defaultCellsBeyondBytes = 4_000_000;

/**
 * Up to this many accepted rows, all are measured: with int8 codes that is as fast as a selection by bits;
 * without them it takes 10 to 20 ms, and misses nothing.
 */
const bitsBeyondAccepted = { withBytes: 5_000, bitsOnly: 1_000 } as const;

/** Up to this share of the rows, all that count are estimated: cells that hold so few of them are as many as all rows. */
const fewAccepted = 1 / 32;

/**
 * The dense vectors of a namespace as compressed codes, row after row. A search preselects with the codes and
 * ranks the last few rows with their float32 vectors, which stay in storage: scores are exact.
 */
export class DenseVectors {
  readonly #readVectors: ReadVectors;
  readonly #description: CodesDescription;
  readonly #bitsBeyondBytes: number;
  readonly #cellsBeyondBytes: number;
  readonly #mostBytes: number | undefined;
  readonly #bitKeys: BitKeys;
  #codes: DenseCodes;
  #scratches: ScratchPool;
  /** Loads the int8 codes after a restore; `undefined` once they are loaded. */
  #late: LateBytes | undefined;
  /** Whether the int8 codes of all rows are loaded. */
  #hasBytes: boolean;
  #restoredRows = 0;
  /** Searches that have begun and not ended. */
  #running = 0;
  #isReleased = false;
  #searches = 0;
  #cells: Cells | undefined;
  readonly #cellMaker: CellMaker = new CellMaker((cells, codes) => {
    if (codes === this.#codes) this.#cells = cells;
  });

  constructor(options: DenseVectorsOptions) {
    const { dimension, similarity } = options;
    this.#readVectors = options.readVectors;
    this.#description = { dimension, similarity, byteCodes: options.byteCodes ?? true };
    this.#bitsBeyondBytes = options.bitsBeyondBytes ?? defaultBitsBeyondBytes;
    this.#cellsBeyondBytes = options.cellsBeyondBytes ?? defaultCellsBeyondBytes;
    this.#mostBytes = options.mostBytes;
    this.#bitKeys = bitKeys(similarity, dimension);
    this.#codes = new DenseCodes(dimension, this.#description.byteCodes, options.mostBytes);
    this.#scratches = new ScratchPool(this.#codes, this.#bitKeys.histogramLength);
    this.#hasBytes = this.#description.byteCodes;
  }

  get rowCount(): number {
    return this.#codes.rowCount;
  }

  /** Bytes of the codes, with the reserve for further rows. */
  get byteLength(): number {
    return this.#codes.memory.byteLength;
  }

  /**
   * Adds the next row.
   * @throws {IndexMemoryError} if the codes do not fit
   */
  push(vector: Float32Array): void {
    this.#codes.push(vector);
    this.#cells?.push(this.#codes);
    if (!this.#cells?.isOutdated) return;
    this.#cells = undefined;
    this.#cellMaker.noteMade(0);
  }

  /** Whether the rows are grouped in cells, which make searches faster. */
  get hasCells(): boolean {
    return this.#cells !== undefined;
  }

  /** Groups the rows in cells at once; searches do it in the background. */
  makeCells(): void {
    this.#cells = runThrough(trainCells(this.#trainingSource));
    this.#cellMaker.noteMade(this.rowCount);
  }

  /** Ends the work in the background. */
  close(): void {
    this.#cellMaker.stop();
  }

  /** Frees the memory once the searches that run have ended; no other may begin. */
  release(): void {
    this.#isReleased = true;
    this.#freeMemory();
  }

  #freeMemory(): void {
    if (!this.#isReleased || this.#running > 0) return;
    this.#codes.memory.release();
    this.#cells?.release();
  }

  /**
   * The best `k` of the rows that `accepted` marks with 1, best first; of equal scores the earlier row first.
   * @throws {IndexMemoryError} if the keys of the rows do not fit, 2 bytes each
   */
  search(query: Float32Array, k: number, accepted: Uint8Array): ScoredRow[] {
    return runThrough(this.#steps(query, k, accepted));
  }

  /**
   * The same, but the event loop gets its turn after every 10 to 15 ms of work. Rows pushed meanwhile are not
   * searched; `readVectors` still has to return those that are.
   */
  searchInSlices(query: Float32Array, k: number, accepted: Uint8Array): ScoredRow[] | Promise<ScoredRow[]> {
    if (this.#late === undefined) this.#cellMaker.noteSearch(this.#trainingSource, this.#cellsBeyondBytes);
    return runInSlices(this.#steps(query, k, accepted));
  }

  get #trainingSource(): TrainingSource {
    return {
      codes: this.#codes,
      hasBytes: this.#hasBytes,
      similarity: this.#description.similarity,
      readVectors: this.#readVectors,
    };
  }

  /**
   * The codes as bytes for a side file, in views that are valid until the next `push`: the bits and cells, which
   * every search needs, and the int8 codes separately.
   * @throws {RangeError} if the int8 codes of a restore could not be loaded
   */
  save(): { bits: Iterable<Uint8Array>; bytes: Iterable<Uint8Array> } {
    if (this.#late) runThrough(this.#bringBytes());
    if (this.#hasBytes !== this.#description.byteCodes) throw new RangeError("the int8 codes are not there");
    return { bits: this.#writeBits(), bytes: writeBytes(this.#codes) };
  }

  *#writeBits(): Generator<Uint8Array> {
    yield* writeBits(this.#codes, this.#description);
    yield* writeCells(this.#cells);
  }

  /**
   * Replaces all rows by those of `save`. The first search uses only their bits; the next one loads the int8
   * codes.
   *
   * @param late reads the int8 codes step by step and returns whether they are the saved ones; if not,
   * searches continue with bits only
   * @throws {IndexMismatchError} if the bits belong to another index or version; {RangeError} if they end
   * early; {IndexMemoryError} if they do not fit: then the rows stay as they are
   */
  restore(reader: CodesReader, late: LateBytes): void {
    const codes = readBits(reader, this.#description, this.#mostBytes);
    this.#cells = readCells(reader, codes, this.#description.similarity);
    this.#codes = codes;
    if (this.#cells) this.#cellMaker.noteMade(codes.rowCount);
    this.#scratches = new ScratchPool(this.#codes, this.#bitKeys.histogramLength);
    this.#hasBytes = false;
    this.#late = this.#description.byteCodes ? late : undefined;
    this.#restoredRows = this.#codes.rowCount;
    this.#searches = 0;
  }

  *#bringBytes(): Generator<void> {
    const late = this.#late;
    if (late === undefined) return;
    // Another search that begins meanwhile uses bits.
    this.#late = undefined;
    let isDone = false;
    try {
      const codes = this.#codes;
      this.#hasBytes = yield* late((reader) => readInt8(reader, codes, this.#restoredRows));
      isDone = true;
    } finally {
      if (!isDone) this.#late = late;
    }
  }

  *#steps(query: Float32Array, k: number, accepted: Uint8Array): Generator<void, ScoredRow[]> {
    if (this.#isReleased) throw new RangeError("These vectors were released.");
    this.#running++;
    try {
      if (this.#searches++ > 0) yield* this.#bringBytes();
      for (;;) {
        const found = yield* this.#search(query, k, accepted);
        if (found) return found;
        // Vectors without structure need more candidates than it is sensible to read.
        yield* this.#bringBytes();
      }
    } finally {
      this.#running--;
      this.#freeMemory();
    }
  }

  /** @returns `undefined` if bits are not enough and the int8 codes are not loaded yet */
  *#search(query: Float32Array, k: number, accepted: Uint8Array): Generator<void, ScoredRow[] | undefined> {
    const { similarity } = this.#description;
    const codes = this.#codes;
    const scratches = this.#scratches;
    const hasBytes = this.#hasBytes;
    const rowCount = Math.min(codes.rowCount, accepted.length);
    const manyAccepted = hasBytes ? bitsBeyondAccepted.withBytes : bitsBeyondAccepted.bitsOnly;
    const manyForCells = leastRowsForCells(codes, this.#cellsBeyondBytes);
    const few = Math.floor(rowCount * fewAccepted);
    const firstRejected = firstZero(accepted, rowCount);
    const enough = Math.max(k, manyAccepted + 1, manyForCells, few + 1);
    const acceptedCount = countOnes(accepted, firstRejected, rowCount, enough);
    const isFew = acceptedCount <= few;
    const limit = Math.min(k, acceptedCount);
    if (limit === 0) return [];
    const isFlat = similarity !== "EUCLIDEAN" && query.every((component) => component === 0);
    const isLarge = rowCount * codes.byteStride > this.#bitsBeyondBytes;
    // The bits of vectors out of float32's range say nothing.
    const usesBits = acceptedCount > manyAccepted && (!hasBytes || (isLarge && codes.hasFiniteNorms));
    const usesCells = hasBytes ? acceptedCount >= manyForCells : usesBits && !isFew;
    const scratch = scratches.acquire();
    try {
      const source = {
        codes,
        bitKeys: this.#bitKeys,
        similarity,
        readVectors: this.#readVectors,
        ...(this.#cells && usesCells && !isFlat && { cells: this.#cells }),
      };
      return yield* new DenseSearch(
        source,
        {
          query,
          k: limit,
          acceptedCount: isFlat ? limit : acceptedCount,
          // All rows have the same score for a zero vector: the first ones are the best.
          accepted: isFlat ? firstOnes(accepted, limit) : accepted,
          acceptsAll: firstRejected === rowCount && !isFlat,
          rowCount,
          usesBits: usesBits && !isFlat,
          isFew,
          hasBytes,
          isBrief: this.#late !== undefined,
        },
        scratch,
      ).steps();
    } finally {
      scratches.release(scratch);
    }
  }
}

/** The place of the first zero among the first `length` marks; `length` if no mark is zero. */
function firstZero({ buffer, byteOffset }: Uint8Array, length: number): number {
  // The search of a Buffer compares many bytes at a time.
  const place = Buffer.from(buffer, byteOffset, length).indexOf(0);
  return place === -1 ? length : place;
}

/** Counts the ones among the first `length` marks, of which the first `known` are ones, up to `enough`. */
function countOnes(mask: Uint8Array, known: number, length: number, enough: number): number {
  let count = Math.min(known, enough);
  for (let row = known; row < length && count < enough; row++) if (mask[row] === 1) count++;
  return count;
}

/** The mask with only its first `count` ones. */
function firstOnes(mask: Uint8Array, count: number): Uint8Array {
  const first = new Uint8Array(mask.length);
  for (let row = 0, found = 0; found < count; row++) {
    if (mask[row] !== 1) continue;
    first[row] = 1;
    found++;
  }
  return first;
}
