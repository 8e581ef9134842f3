/**
 * A map that keeps what was used lately, up to a total weight, in two generations. When the younger one is full, the
 * older one is dropped as a whole, so that a value costs no bookkeeping but a look-up.
 */
export class BoundedCache<Key, Value> {
  readonly #generation: number;
  readonly #weigh: (value: Value) => number;
  #young: Map<Key, Value> = new Map();
  #youngWeight = 0;
  #old: Map<Key, Value> = new Map();

  /**
   * @param capacity the most weight of all values together
   * @param weigh the weight of a value, such as its bytes. A value that weighs more than half of the capacity is not
   * kept. Default: every value weighs 1, so that the capacity is a number of values
   */
  constructor(capacity: number, weigh: (value: Value) => number = () => 1) {
    this.#generation = Math.max(1, Math.floor(capacity / 2));
    this.#weigh = weigh;
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: Key, value: Value): void {
    const weight = this.#weigh(value);
    this.delete(key);
    if (weight > this.#generation) return;
    if (this.#youngWeight + weight > this.#generation) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngWeight = 0;
    }
    this.#young.set(key, value);
    this.#youngWeight += weight;
  }

  delete(key: Key): void {
    const young = this.#young.get(key);
    if (young !== undefined) {
      this.#young.delete(key);
      this.#youngWeight -= this.#weigh(young);
    }
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#youngWeight = 0;
    this.#old.clear();
  }

  /** The value of a key, made if it is not kept. */
  getOrMake(key: Key, make: () => Value): Value {
    const known = this.get(key);
    if (known !== undefined) return known;
    const value = make();
    this.set(key, value);
    return value;
  }
}
