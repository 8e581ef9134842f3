/**
 * Remembers a number for each of a great many ids in 12 bytes an entry: ids are kept as 64 bits of hash, in
 * an open-addressing table at most half full. Among a million ids two share a hash with a chance of 3 in
 * 100 million.
 */
export class IdTable {
  #high: Uint32Array;
  #low: Uint32Array;
  /** The number of each entry, plus one: 0 marks a free place. */
  #numbers: Uint32Array;
  #size = 0;

  constructor(capacity = 1_024) {
    this.#high = new Uint32Array(capacity);
    this.#low = new Uint32Array(capacity);
    this.#numbers = new Uint32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  has(id: string): boolean {
    const [high, low] = hash(id);
    return this.#numbers[this.#find(high, low)] !== 0;
  }

  /**
   * Remembers `number` for the id.
   * @returns the number that the id had before, `undefined` for a new id
   */
  add(id: string, number: number): number | undefined {
    if (this.#size * 2 >= this.#numbers.length) this.#grow();
    const [high, low] = hash(id);
    const place = this.#find(high, low);
    const known = this.#numbers[place] as number;
    if (known !== 0) return known - 1;
    this.#put(place, high, low, number + 1);
    this.#size++;
    return undefined;
  }

  #find(high: number, low: number): number {
    const mask = this.#numbers.length - 1;
    let place = low & mask;
    while (this.#numbers[place] !== 0 && (this.#high[place] !== high || this.#low[place] !== low)) {
      place = (place + 1) & mask;
    }
    return place;
  }

  #put(place: number, high: number, low: number, number: number): void {
    this.#high[place] = high;
    this.#low[place] = low;
    this.#numbers[place] = number;
  }

  #grow(): void {
    const old = { high: this.#high, low: this.#low, numbers: this.#numbers };
    const capacity = old.numbers.length * 2;
    this.#high = new Uint32Array(capacity);
    this.#low = new Uint32Array(capacity);
    this.#numbers = new Uint32Array(capacity);
    for (let place = 0; place < old.numbers.length; place++) {
      if (old.numbers[place] === 0) continue;
      const high = old.high[place] as number;
      const low = old.low[place] as number;
      this.#put(this.#find(high, low), high, low, old.numbers[place] as number);
    }
  }
}

/** Two independent rounds of FNV-1a with MurmurHash3's finaliser: 64 well-mixed bits. */
function hash(id: string): [high: number, low: number] {
  let first = 0x811c9dc5;
  let second = 0x9747b28c;
  for (let place = 0; place < id.length; place++) {
    const code = id.charCodeAt(place);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x5bd1e995);
    second ^= second >>> 15;
  }
  return [mix(first ^ id.length), mix(second + first)];
}

function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
