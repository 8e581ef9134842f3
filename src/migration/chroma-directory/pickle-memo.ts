import type { BinaryFile } from "./binary-file.ts";

/** A text of a pickle by its place in the file, with its characters if they were asked for. */
export interface PickleText {
  readonly offset: number;
  readonly bytes: number;
  readonly string: string | undefined;
}

/**
 * The memo of a pickle as positions in the file: 12 bytes each, so that a million ids need not be in memory.
 */
export class PickleMemo {
  readonly #file: BinaryFile;
  #offsets = new Float64Array(64);
  #lengths = new Uint32Array(64);
  #size = 0;

  constructor(file: BinaryFile) {
    this.#file = file;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * @param text `undefined` for a value that is not text
   * @returns false when the place is out of order, or there are more than the file has room for
   */
  store(place: number, text: PickleText | undefined): boolean {
    // A memoised text takes at least three bytes.
    if (place > this.#size || place > 64 + this.#file.size / 3) return false;
    if (place === this.#offsets.length) this.#grow();
    this.#offsets[place] = text?.offset ?? 0;
    this.#lengths[place] = text?.bytes ?? 0;
    if (place === this.#size) this.#size++;
    return true;
  }

  find(place: number): PickleText | undefined {
    if (place >= this.#size) return undefined;
    const offset = this.#offsets[place] as number;
    return offset === 0 ? undefined : { offset, bytes: this.#lengths[place] as number, string: undefined };
  }

  read({ offset, bytes }: PickleText): Uint8Array {
    const buffer = new Uint8Array(bytes);
    this.#file.read(buffer, offset);
    return buffer;
  }

  #grow(): void {
    const offsets = new Float64Array(this.#offsets.length * 2);
    const lengths = new Uint32Array(this.#lengths.length * 2);
    offsets.set(this.#offsets);
    lengths.set(this.#lengths);
    this.#offsets = offsets;
    this.#lengths = lengths;
  }
}
