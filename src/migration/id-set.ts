import { hash } from "node:crypto";

/** Number of 32-bit words for an id. */
const wordsPerId = 4;

/**
 * A set of ids, or other texts, as 128 bits of SHA-256 each: 32 to 64 bytes an id of any length, 64 MB for a million (a
 * Set of strings takes two to three times as much, and ends at 16.7 million). The probability that two of n ids
 * collide is below n² / 2^129, 10^-27 for a million: memory errors are more frequent, so that hits are not checked.
 */
export class IdSet {
  #table: Uint32Array;
  #size = 0;

  constructor(capacity = 1_024) {
    this.#table = new Uint32Array(capacity * wordsPerId);
  }

  get size(): number {
    return this.#size;
  }

  has(id: string): boolean {
    const words = wordsOf(id);
    return this.#table[this.#find(words)] !== 0;
  }

  /** @returns false if the set already has the id */
  add(id: string): boolean {
    if (this.#size * 2 * wordsPerId >= this.#table.length) this.#grow();
    const words = wordsOf(id);
    const start = this.#find(words);
    if (this.#table[start] !== 0) return false;
    this.#table.set(words, start);
    this.#size++;
    return true;
  }

  /** The slot of the words in the table, or the free slot for them. */
  #find(words: Uint32Array): number {
    const table = this.#table;
    const mask = table.length - 1;
    let start = ((words[1] as number) * wordsPerId) & mask;
    while (table[start] !== 0 && !matches(table, start, words)) start = (start + wordsPerId) & mask;
    return start;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Uint32Array(old.length * 2);
    for (let start = 0; start < old.length; start += wordsPerId) {
      if (old[start] === 0) continue;
      const words = old.subarray(start, start + wordsPerId);
      this.#table.set(words, this.#find(words));
    }
  }
}

function matches(table: Uint32Array, start: number, words: Uint32Array): boolean {
  for (let word = 0; word < wordsPerId; word++) if (table[start + word] !== words[word]) return false;
  return true;
}

/** Of the JSON text, which keeps lone surrogates distinct. The first word is never 0, which marks a free place. */
function wordsOf(id: string): Uint32Array {
  const digest = hash("sha256", JSON.stringify(id), "buffer");
  const words = new Uint32Array(wordsPerId);
  for (let word = 0; word < wordsPerId; word++) words[word] = digest.readUInt32LE(4 * word);
  words[0] ||= 1;
  return words;
}
