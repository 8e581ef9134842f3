import { type DenseCodes, rowsPerChunk } from "./codes.ts";

/** Addresses of what one search writes while it is under way. */
export interface Scratch {
  /** bits[bitStride · 8] of the query */
  readonly queryBits: number;
  /** i16[byteStride], the query's codes */
  readonly queryCodes: number;
  /** u8[1024], which rows of a chunk count */
  readonly accepted: number;
  /** u16[1024], rows picked out of a chunk */
  readonly positions: number;
  /** i32[1024], inner products of the rows picked */
  readonly products: number;
  /** u32[keyCount], rows by key (bit-keys.ts) */
  readonly histogram: number;
  /** u16[1024] for each chunk that was searched by bits so far: the keys of its rows */
  readonly keys: number[];
}

/** Scratches for as many searches as are under way at once; each is used again, none is given back. */
export class ScratchPool {
  readonly #codes: DenseCodes;
  readonly #keyCount: number;
  readonly #free: Scratch[] = [];

  constructor(codes: DenseCodes, keyCount: number) {
    this.#codes = codes;
    this.#keyCount = keyCount;
  }

  acquire(): Scratch {
    return this.#free.pop() ?? this.#allocate();
  }

  release(scratch: Scratch): void {
    this.#free.push(scratch);
  }

  #allocate(): Scratch {
    const { memory, bitStride, byteStride } = this.#codes;
    return {
      queryBits: memory.allocate(bitStride),
      queryCodes: memory.allocate(byteStride * 2),
      accepted: memory.allocate(rowsPerChunk),
      positions: memory.allocate(rowsPerChunk * 2),
      products: memory.allocate(rowsPerChunk * 4),
      histogram: memory.allocate(this.#keyCount * 4),
      keys: [],
    };
  }
}
