import { createHash } from "node:crypto";

/** Words of 32 bits that an id is kept as. */
const wordsPerId = 4;

/**
 * The ids seen so far, 128 bits of SHA-256 each in place of their text: 16 to 64 bytes an id, whatever its
 * length. Two of n ids are taken for one with a chance below n² / 2^129, at a billion ids 10^-21.
 */
export class IdSet {
  #table = new Uint32Array(1024 * wordsPerId);
  #size = 0;

  /** @returns false where the id was there already */
  add(id: string): boolean {
    const digest = createHash("sha256").update(JSON.stringify(id)).digest();
    const words = new Uint32Array(wordsPerId);
    for (let word = 0; word < wordsPerId; word++) words[word] = digest.readUInt32LE(4 * word);
    // An empty place of the table is all 0.
    if (words.every((word) => word === 0)) words[0] = 1;
    if (!this.#insert(words)) return false;
    this.#size++;
    if (this.#size * 2 * wordsPerId > this.#table.length) this.#grow();
    return true;
  }

  #insert(words: Uint32Array): boolean {
    const table = this.#table;
    const places = table.length / wordsPerId;
    for (let place = (words[0] as number) % places; ; place = (place + 1) % places) {
      const start = place * wordsPerId;
      const found = table.subarray(start, start + wordsPerId);
      if (found.every((word) => word === 0)) {
        found.set(words);
        return true;
      }
      if (found.every((word, index) => word === words[index])) return false;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Uint32Array(old.length * 2);
    for (let start = 0; start < old.length; start += wordsPerId) {
      const words = old.subarray(start, start + wordsPerId);
      if (words.some((word) => word !== 0)) this.#insert(words);
    }
  }
}
