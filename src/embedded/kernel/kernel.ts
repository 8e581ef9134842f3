import { readFileSync } from "node:fs";

/**
 * The functions of the entries in assembly/asconfig.json, which document them. Addresses and strides are bytes, multiples
 * of 16; addresses may go past 2³¹.
 */
export interface Kernel {
  lookUp(keys: number, count: number, table: number, values: number): void;
  orderCells(
    bins: number,
    sizes: number,
    count: number,
    binCount: number,
    starts: number,
    order: number,
    rowsByBin: number,
  ): void;
  dotProducts(query: number, vectors: number, stride: number, count: number, sums: number): void;
  squaredDistances(query: number, vectors: number, stride: number, count: number, sums: number): void;
  hammingDistances(
    query: number,
    codes: number,
    stride: number,
    accepted: number,
    count: number,
    flag: number,
    distances: number,
  ): void;
  completeDistances(
    query: number,
    codes: number,
    stride: number,
    count: number,
    most: number,
    distances: number,
  ): void;
  pickNear(query: number, rows: number, count: number, chunks: number, stride: number, most: number): number;
  countKeys(keys: number, count: number, keyCount: number, histogram: number): void;
  pickKeys(keys: number, count: number, low: number, high: number, first: number, rows: number): number;
  smallestKey(keys: number, count: number): number;
  pickMarked(marks: number, count: number, first: number, rows: number): number;
  pickSimilar(
    rows: number,
    products: number,
    count: number,
    chunks: number,
    scaleAt: number,
    metric: number,
    factor: number,
    querySquaredNorm: number,
    byScale: number,
    byNorm: number,
    byAngle: number,
    floor: number,
    similarities: number,
  ): number;
  byteProducts(
    query: number,
    rows: number,
    count: number,
    chunks: number,
    stride: number,
    products: number,
  ): void;
  bitProducts(
    frontPlanes: number,
    backPlanes: number,
    sum: number,
    rows: number,
    count: number,
    chunks: number,
    frontStride: number,
    backStride: number,
    products: number,
  ): void;
  sumOfMagnitudes(vector: number, count: number): number;
  rotate(vector: number, count: number, span: number, factors: number, rounds: number): void;
  signBits(vector: number, frontStride: number, backStride: number, front: number, back: number): void;
  quantize(vector: number, stride: number, codes: number): number;
  quantizeWide(vector: number, stride: number, largest: number, codes: number): number;
  planeBits(
    codes: number,
    bit: number,
    frontStride: number,
    backStride: number,
    front: number,
    back: number,
  ): void;
  readFloats(text: number, powers: number, tens: number, floats: number): number;
}

/** Set by `hammingDistances` on request: what it says of a row is not all yet. */
export const partialFlag = 0x8000;

/** A WebAssembly memory that grows in pages of 64 KiB; growth leaves earlier views of `buffer` empty. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The WebAssembly types used here, which TypeScript declares only for browsers. */
declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => LinearMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { env: { memory: LinearMemory } },
  ) => { readonly exports: unknown };
};

let compiled: object | undefined;

/** A memory of one page that may grow to `mostPages`. */
export function createMemory(mostPages: number): LinearMemory {
  return new WebAssembly.Memory({ initial: 1, maximum: mostPages });
}

/** The kernel over one memory; compiled at the first call. */
export function instantiateKernel(memory: LinearMemory): Kernel {
  compiled ??= new WebAssembly.Module(readFileSync(new URL("./kernel.wasm", import.meta.url)));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as Kernel;
}
