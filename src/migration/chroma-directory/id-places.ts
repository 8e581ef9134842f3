import { hash } from "node:crypto";

/** Bits of an id's digest that are kept: among ten million ids two agree with a chance of 1 in 10^14. */
const words = 3;
/** The place of an id that was deleted. */
const deleted = Number.NaN;

/**
 * The place of the vector of each id: from 0 a label of the HNSW files, below 0 the negated number of a row in
 * the write-ahead queue. Ids are kept as 96 bits of their SHA-1, 20 bytes an entry in an open-addressing table
 * that is at most three quarters full: 27 to 53 bytes a record.
 */
export class IdPlaces {
  #digests: Uint32Array;
  /** `-Infinity` marks a free slot. */
  #places: Float64Array;
  #used = 0;
  #size = 0;

  constructor(capacity = 1_024) {
    this.#digests = new Uint32Array(capacity * words);
    this.#places = new Float64Array(capacity).fill(Number.NEGATIVE_INFINITY);
  }

  /** Number of ids that have a place. */
  get size(): number {
    return this.#size;
  }

  get(id: string): number | undefined {
    const place = this.#places[this.#find(digestOf(id))] as number;
    return place === Number.NEGATIVE_INFINITY || Number.isNaN(place) ? undefined : place;
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  set(id: string, place: number): void {
    this.#put(id, place);
  }

  delete(id: string): void {
    if (this.has(id)) this.#put(id, deleted);
  }

  #put(id: string, place: number): void {
    if (this.#used * 4 >= this.#places.length * 3) this.#grow();
    const digest = digestOf(id);
    const slot = this.#find(digest);
    const before = this.#places[slot] as number;
    if (before === Number.NEGATIVE_INFINITY) {
      this.#digests.set(digest, slot * words);
      this.#used++;
    }
    this.#size += Number(isPlace(place)) - Number(isPlace(before));
    this.#places[slot] = place;
  }

  /** The slot of this digest, or the free slot for it. */
  #find(digest: Uint32Array): number {
    const mask = this.#places.length - 1;
    let slot = (digest[0] as number) & mask;
    while (this.#places[slot] !== Number.NEGATIVE_INFINITY && !this.#holds(slot, digest))
      slot = (slot + 1) & mask;
    return slot;
  }

  #holds(slot: number, digest: Uint32Array): boolean {
    const start = slot * words;
    for (let word = 0; word < words; word++) if (this.#digests[start + word] !== digest[word]) return false;
    return true;
  }

  #grow(): void {
    const [digests, places] = [this.#digests, this.#places];
    this.#digests = new Uint32Array(digests.length * 2);
    this.#places = new Float64Array(places.length * 2).fill(Number.NEGATIVE_INFINITY);
    const digest = new Uint32Array(words);
    for (let slot = 0; slot < places.length; slot++) {
      const place = places[slot] as number;
      if (place === Number.NEGATIVE_INFINITY) continue;
      for (let word = 0; word < words; word++) digest[word] = digests[slot * words + word] as number;
      const target = this.#find(digest);
      this.#digests.set(digest, target * words);
      this.#places[target] = place;
    }
  }
}

function isPlace(place: number): boolean {
  return Number.isFinite(place);
}

function digestOf(id: string): Uint32Array {
  const bytes = hash("sha1", id, "buffer");
  return Uint32Array.of(bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8));
}
