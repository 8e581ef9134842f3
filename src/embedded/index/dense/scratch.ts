import { type DenseCodes, rowsPerChunk } from "./codes.ts";

/** Bits of a query's codes where rows are compared by their bits. */
export const planesOfQuery = 4;

/** Float32 vectors that the kernel compares at a time (assembly/exact.ts). */
export const vectorsCompared = 4;

/** Addresses of the memory that one running search writes to. */
export interface Scratch {
  /** bits[frontStride · 8] of the query */
  readonly queryFront: number;
  /** bits[backStride · 8] of the query */
  readonly queryBack: number;
  /** i16[8 · (frontStride + backStride)], the query's codes */
  readonly queryCodes: number;
  /** The same, the query's codes of 4 bits */
  readonly planeCodes: number;
  /** bits[4][frontStride · 8] of these */
  readonly frontPlanes: number;
  /** bits[4][backStride · 8] of these */
  readonly backPlanes: number;
  /** u8[4096], the accepted rows of a chunk */
  readonly accepted: number;
  /** u32[4096], selected rows */
  readonly rows: number;
  /** i32[4096], inner products of the selected rows */
  readonly products: number;
  /** f64[4096], similarities of the selected rows */
  readonly similarities: number;
  /** float32[dimension], the query as it was asked */
  readonly exactQuery: number;
  /** float32[4][floatStride / 4], vectors that are compared with it */
  readonly exactVectors: number;
  /** float32[4], the results */
  readonly exactSums: number;
  /** u32[histogramLength], rows by key (bit-keys.ts) */
  readonly histogram: number;
  /** u16[4096] for each chunk that was searched by bits so far: the keys of its rows */
  readonly keys: number[];
}

/** One scratch for each search that runs at the same time; they are reused and never freed. */
export class ScratchPool {
  readonly #codes: DenseCodes;
  readonly #histogramLength: number;
  readonly #free: Scratch[] = [];

  constructor(codes: DenseCodes, histogramLength: number) {
    this.#codes = codes;
    this.#histogramLength = histogramLength;
  }

  acquire(): Scratch {
    return this.#free.pop() ?? this.#allocate();
  }

  release(scratch: Scratch): void {
    this.#free.push(scratch);
  }

  #allocate(): Scratch {
    const { memory, planes, floatStride } = this.#codes;
    const codeBytes = 16 * (planes.frontStride + planes.backStride);
    return {
      queryFront: memory.allocate(planes.frontStride),
      queryBack: memory.allocate(planes.backStride),
      queryCodes: memory.allocate(codeBytes),
      planeCodes: memory.allocate(codeBytes),
      frontPlanes: memory.allocate(planes.frontStride * planesOfQuery),
      backPlanes: memory.allocate(planes.backStride * planesOfQuery),
      accepted: memory.allocate(rowsPerChunk),
      rows: memory.allocate(rowsPerChunk * 4),
      products: memory.allocate(rowsPerChunk * 4),
      similarities: memory.allocate(rowsPerChunk * 8),
      exactQuery: memory.allocate(floatStride),
      exactVectors: memory.allocate(vectorsCompared * floatStride),
      exactSums: memory.allocate(vectorsCompared * 4),
      histogram: memory.allocate(this.#histogramLength * 4),
      keys: [],
    };
  }
}
