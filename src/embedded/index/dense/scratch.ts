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
  /** u32[keyCount + 1], rows by key */
  readonly histogram: number;
  /** u16[1024] distances or keys, or i32[1024] inner products, of the rows of a chunk */
  readonly results: number;
}

/** Scratches for as many searches as are under way at once; each is used again, none is given back. */
export class ScratchPool {
  readonly #codes: DenseCodes;
  readonly #keyCount: number;
  readonly #free: Scratch[] = [];

  /** @param keyCount how many keys the bits of a row may get (bit-keys.ts) */
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
      histogram: memory.allocate((this.#keyCount + 1) * 4),
      positions: memory.allocate(rowsPerChunk * 2),
      results: memory.allocate(rowsPerChunk * 4),
    };
  }
}
