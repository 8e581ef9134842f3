import { IndexMemoryError, KernelMemory } from "./memory.ts";

/** Bytes of the longest list that is read: 5,376 components of 24 characters and more. */
const longestList = 160 * 1024;

/** The end of a text is known by zeros; up to 32 bytes are read at once. */
const zerosAfter = 32;

/** Powers of ten as the nearest doubles, as many as the kernel uses. */
const powers: Float64Array = Float64Array.from({ length: 61 }, (_, exponent) => Number(`1e${exponent}`));

/** The first of them as whole numbers of 64 bits. */
const tens: BigUint64Array = BigUint64Array.from({ length: 9 }, (_, exponent) => 10n ** BigInt(exponent));

/**
 * Reads JSON lists of numbers from bytes into float32: each number is the nearest float32 of the nearest double, as
 * `Float32Array.from(JSON.parse(text))` has it.
 */
export class FloatListReader {
  readonly #memory: KernelMemory;
  readonly #powers: number;
  readonly #tens: number;
  readonly #text: number;
  readonly #floats: number;

  /** @throws {IndexMemoryError} if this process cannot have a WebAssembly memory */
  constructor() {
    this.#memory = new KernelMemory();
    this.#powers = this.#memory.allocate(powers.byteLength);
    this.#tens = this.#memory.allocate(tens.byteLength);
    this.#text = this.#memory.allocate(longestList + zerosAfter);
    this.#floats = this.#memory.allocate(longestList * 2);
    this.#memory.views.float64.set(powers, this.#powers / 8);
    this.#memory.views.uint8.set(new Uint8Array(tens.buffer), this.#tens);
  }

  /**
   * @param text from `[` to the first `]`
   * @returns `undefined` for a text that is not such a list, and for an empty or long list or one with an unusual
   * number, which may be valid
   */
  read(text: Uint8Array): Float32Array | undefined {
    if (text.length > longestList) return undefined;
    const { uint8, float32 } = this.#memory.views;
    uint8.set(text, this.#text);
    uint8.fill(0, this.#text + text.length, this.#text + text.length + zerosAfter);
    const count = this.#memory.kernel.readFloats(this.#text, this.#powers, this.#tens, this.#floats);
    const first = this.#floats / 4;
    return count < 0 ? undefined : float32.slice(first, first + count);
  }
}

let reader: FloatListReader | "missing" | undefined;

/** The reader of this process; `undefined` if it cannot have a WebAssembly memory. */
export function floatListReader(): FloatListReader | undefined {
  reader ??= createReader();
  return reader === "missing" ? undefined : reader;
}

function createReader(): FloatListReader | "missing" {
  try {
    return new FloatListReader();
  } catch (error) {
    if (error instanceof IndexMemoryError) return "missing";
    throw error;
  }
}
