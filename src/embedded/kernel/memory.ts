import { RagfoodError } from "../../foundation/errors.ts";
import { createMemory, instantiateKernel, type Kernel, type LinearMemory } from "./kernel.ts";

/** The page of WebAssembly. */
const pageBytes = 65_536;

/** 4 GiB less one page, so that no address, nor the end of any block, leaves 32 bits. */
const mostPages = 65_535;

/** Every block starts at an address from which a SIMD register can be loaded. */
const alignment = 16;

/** Dense search cannot have the memory it needs: more than 32-bit WebAssembly has, or than this process may take. */
export class IndexMemoryError extends RagfoodError {
  static override readonly errorName: string = "IndexMemoryError";
  readonly code = "index-memory";
}

function noRoom(wantedBytes: number, cause?: unknown): IndexMemoryError {
  return new IndexMemoryError(
    `The codes of one namespace need ${wantedBytes} bytes. WebAssembly has at most ${mostPages * pageBytes}, and this machine may have less.`,
    { cause, hint: "Distribute the records over several namespaces, or give the process more memory." },
  );
}

/**
 * Node.js reserves about 10 GB of addresses for each WebAssembly memory, so that it need not check bounds; it
 * commits only pages that are written to. A limit on addresses (`ulimit -v`) refuses that, however small the
 * memory is.
 */
function noMemory(cause: unknown): IndexMemoryError {
  return new IndexMemoryError(
    "This process cannot have a WebAssembly memory, which search over dense vectors needs.",
    {
      cause,
      hint: "Raise the limit on virtual memory (ulimit -v unlimited), or set NODE_OPTIONS=--disable-wasm-trap-handler, with which Node.js reserves far less.",
    },
  );
}

/** Memories that were released, with their kernels, and the most bytes that one may have used: to be zeros again. */
const released: { readonly memory: LinearMemory; readonly kernel: Kernel }[] = [];
const mostReleased = { count: 16, bytes: 2 ** 22 } as const;

let isKnownToWork = false;

/**
 * Checks that this process can have the memory of dense search, before it is needed.
 * @throws {IndexMemoryError} with a hint that helps
 */
export function requireKernelMemory(): void {
  if (!isKnownToWork) newMemory();
  isKnownToWork = true;
}

function newMemory(): LinearMemory {
  try {
    return createMemory(mostPages);
  } catch (error) {
    throw noMemory(error);
  }
}

function newKernel(): { memory: LinearMemory; kernel: Kernel } {
  const memory = newMemory();
  return { memory, kernel: instantiateKernel(memory) };
}

/** The same bytes under several types; an address divided by the size of an element is its place. */
export interface MemoryViews {
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly uint16: Uint16Array;
  readonly int16: Int16Array;
  readonly uint32: Uint32Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

/**
 * One WebAssembly memory with its kernel. Blocks are allocated one after the other and freed together. It grows
 * in place: the engine reserves the address space and commits pages; a page without data takes no memory. The addresses
 * of about a hundred memories can be reserved at a time; beyond, each new one takes a collection of all garbage. So
 * small memories are reused.
 */
export class KernelMemory {
  readonly kernel: Kernel;
  readonly #memory: LinearMemory;
  readonly #mostBytes: number;
  #views: MemoryViews;
  #end = alignment;

  /**
   * @param mostBytes a limit below that of WebAssembly
   * @throws {IndexMemoryError} if this process cannot have a memory at all
   */
  constructor(mostBytes: number = mostPages * pageBytes) {
    const { memory, kernel } = released.pop() ?? newKernel();
    this.#memory = memory;
    this.#mostBytes = Math.min(mostBytes, mostPages * pageBytes);
    this.#views = viewsOf(this.#memory.buffer);
    this.kernel = kernel;
  }

  /** Gives the memory to the next one that is made, unless it is large. It must not be used afterwards. */
  release(): void {
    if (this.#end > mostReleased.bytes || released.length === mostReleased.count) return;
    this.#views.uint8.fill(0, 0, this.#end);
    released.push({ memory: this.#memory, kernel: this.kernel });
    this.#views = viewsOf(new ArrayBuffer(0));
    this.#end = Number.POSITIVE_INFINITY;
  }

  /** Read it again after each `allocate`, which makes earlier views empty. */
  get views(): MemoryViews {
    return this.#views;
  }

  /** Allocated bytes. */
  get byteLength(): number {
    return this.#end;
  }

  /**
   * @returns the address of a block of zeros, a multiple of 16
   * @throws {IndexMemoryError} if the block does not fit
   */
  allocate(bytes: number): number {
    const address = this.#end;
    const end = address + Math.ceil(bytes / alignment) * alignment;
    const missing = end - this.#memory.buffer.byteLength;
    if (end > this.#mostBytes) throw noRoom(end);
    if (missing > 0) this.#grow(Math.ceil(missing / pageBytes), end);
    this.#end = end;
    return address;
  }

  /** Pages to add in advance, so that growth is rare: 16 MiB, or what is left of the limit. */
  #roomAhead(): number {
    const left = Math.floor((this.#mostBytes - this.#memory.buffer.byteLength) / pageBytes);
    return Math.min(256, left);
  }

  /** By more pages than are missing, or if the machine does not have these, by the missing ones. */
  #grow(missingPages: number, wantedBytes: number): void {
    try {
      this.#memory.grow(Math.max(missingPages, this.#roomAhead()));
    } catch {
      try {
        this.#memory.grow(missingPages);
      } catch (error) {
        throw noRoom(wantedBytes, error);
      }
    }
    this.#views = viewsOf(this.#memory.buffer);
  }
}

function viewsOf(buffer: ArrayBuffer): MemoryViews {
  return {
    int8: new Int8Array(buffer),
    uint8: new Uint8Array(buffer),
    uint16: new Uint16Array(buffer),
    int16: new Int16Array(buffer),
    uint32: new Uint32Array(buffer),
    int32: new Int32Array(buffer),
    float32: new Float32Array(buffer),
    float64: new Float64Array(buffer),
  };
}
