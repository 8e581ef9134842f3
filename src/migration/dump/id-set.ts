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
    // A place whose first word is 0 is empty.
    words[0] ||= 1;
    if (!insert(this.#table, words)) return false;
    this.#size++;
    if (this.#size * 2 * wordsPerId > this.#table.length) this.#grow();
    return true;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#table.length * 2);
    for (let start = 0; start < this.#table.length; start += wordsPerId) {
      const words = this.#table.subarray(start, start + wordsPerId);
      if (words[0] !== 0) insert(larger, words);
    }
    this.#table = larger;
  }
}

/** Open addressing. @returns false where the words were there already */
function insert(table: Uint32Array, words: Uint32Array): boolean {
  const start = ((words[0] as number) * wordsPerId) % table.length;
  for (let place = start; ; place = (place + wordsPerId) % table.length) {
    if (table[place] === 0) {
      table.set(words, place);
      return true;
    }
    if (isAt(table, place, words)) return false;
  }
}

function isAt(table: Uint32Array, place: number, words: Uint32Array): boolean {
  for (let word = 0; word < wordsPerId; word++) {
    if (table[place + word] !== words[word]) return false;
  }
  return true;
}
