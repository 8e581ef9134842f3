import { RagfoodError } from "../../foundation/errors.ts";
import { createMemory, instantiateKernel, type Kernel, type LinearMemory } from "./kernel.ts";

/** The page of WebAssembly. */
const pageBytes = 65_536;

/** 4 GiB less one page, so that no address, nor the end of any block, leaves 32 bits. */
const mostPages = 65_535;

/** Every block starts where a SIMD register may be loaded. */
const alignment = 16;

/** The codes no longer fit into what 32-bit WebAssembly, or this machine, gives. */
export class IndexMemoryError extends RagfoodError {
  static override readonly errorName: string = "IndexMemoryError";
  readonly code = "index-memory";

  constructor(wantedBytes: number, cause?: unknown) {
    super(
      `The codes of one namespace need ${wantedBytes} bytes; WebAssembly gives at most ${mostPages * pageBytes}, and less where the machine has less.`,
      {
        cause,
        hint: "Leave out the int8 codes (byteCodes: false), or spread the records over several namespaces.",
      },
    );
  }
}

/** The same bytes under several types; an address divided by the size of an element is its place. */
export interface MemoryViews {
  readonly uint8: Uint8Array;
  readonly uint16: Uint16Array;
  readonly int16: Int16Array;
  readonly uint32: Uint32Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

/**
 * One WebAssembly memory with the kernel over it. Blocks are given out one after the other and never
 * taken back. Growth is in place: the engine reserves the address space and commits pages, and a page
 * that nobody has written to takes no memory of the machine.
 */
export class KernelMemory {
  readonly kernel: Kernel;
  readonly #memory: LinearMemory;
  readonly #mostBytes: number;
  #views: MemoryViews;
  #end = alignment;

  /** @param mostBytes a limit below that of WebAssembly */
  constructor(mostBytes: number = mostPages * pageBytes) {
    this.#memory = createMemory(mostPages);
    this.#mostBytes = Math.min(mostBytes, mostPages * pageBytes);
    this.#views = viewsOf(this.#memory.buffer);
    this.kernel = instantiateKernel(this.#memory);
  }

  /** Taken anew after each `allocate`, which leaves earlier views empty. */
  get views(): MemoryViews {
    return this.#views;
  }

  /** Bytes given out. */
  get byteLength(): number {
    return this.#end;
  }

  /**
   * @returns the address of a block of zeros, a multiple of 16
   * @throws {IndexMemoryError} when the block does not fit
   */
  allocate(bytes: number): number {
    const address = this.#end;
    const end = address + Math.ceil(bytes / alignment) * alignment;
    const missing = end - this.#memory.buffer.byteLength;
    if (end > this.#mostBytes) throw new IndexMemoryError(end);
    if (missing > 0) this.#grow(Math.max(Math.ceil(missing / pageBytes), this.#roomAhead()), end);
    this.#end = end;
    return address;
  }

  /** Pages to take beforehand, so that growth is rare: 16 MiB of addresses, as far as they may be taken. */
  #roomAhead(): number {
    const left = Math.floor((this.#mostBytes - this.#memory.buffer.byteLength) / pageBytes);
    return Math.min(256, left);
  }

  #grow(pages: number, wantedBytes: number): void {
    try {
      this.#memory.grow(pages);
    } catch (error) {
      throw new IndexMemoryError(wantedBytes, error);
    }
    this.#views = viewsOf(this.#memory.buffer);
  }
}

function viewsOf(buffer: ArrayBuffer): MemoryViews {
  return {
    uint8: new Uint8Array(buffer),
    uint16: new Uint16Array(buffer),
    int16: new Int16Array(buffer),
    uint32: new Uint32Array(buffer),
    int32: new Int32Array(buffer),
    float32: new Float32Array(buffer),
    float64: new Float64Array(buffer),
  };
}
