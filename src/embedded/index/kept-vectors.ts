/** Bytes of vectors that the namespaces of an index keep together: 8,192 of 1,024 dimensions, or 131,072 of 64. */
const mostBytes = 2 ** 25;

/** Rows whose vectors lie in one array. */
const rowsPerBlock = 128;

/** The bytes that are left for the vectors of an index. */
export class VectorBudget {
  #left: number;

  constructor(bytes: number = mostBytes) {
    this.#left = bytes;
  }

  hasRoomFor(bytes: number): boolean {
    return bytes <= this.#left;
  }

  /** @returns false, without taking any, if too few bytes are left */
  take(bytes: number): boolean {
    if (!this.hasRoomFor(bytes)) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

/**
 * The float32 vectors of a small namespace, by row: its searches need not read them from storage. Once they do not fit
 * into the budget, all are dropped.
 */
export class KeptVectors {
  readonly #dimension: number;
  readonly #budget: VectorBudget;
  #blocks: (Float32Array | undefined)[] = [];
  /** For each block, 1 for a row that is kept. */
  #marks: (Uint8Array | undefined)[] = [];
  #bytes = 0;
  #isDropped: boolean;
  #dataVersion: number | undefined;

  /** @param rowsExpected if they do not fit, no vector is kept from the start */
  constructor(dimension: number, budget: VectorBudget, rowsExpected: number) {
    this.#dimension = dimension;
    this.#budget = budget;
    this.#isDropped = !budget.hasRoomFor(rowsExpected * dimension * Float32Array.BYTES_PER_ELEMENT);
  }

  /** Forgets all vectors if another process has committed since the last call: storage compares them again. */
  renew(dataVersion: number): void {
    if (dataVersion !== this.#dataVersion) for (const marks of this.#marks) marks?.fill(0);
    this.#dataVersion = dataVersion;
  }

  keep(row: number, vector: Float32Array): void {
    const block = this.#isDropped ? undefined : this.#blockOf(Math.floor(row / rowsPerBlock));
    if (block === undefined) return;
    const place = row % rowsPerBlock;
    block.vectors.set(vector, place * this.#dimension);
    block.marks[place] = 1;
  }

  has(row: number): boolean {
    return this.#marks[Math.floor(row / rowsPerBlock)]?.[row % rowsPerBlock] === 1;
  }

  /**
   * The vectors of rows, in their order, as views that must not be changed.
   * @param readOthers reads rows that are not kept
   */
  read(
    rows: readonly number[],
    readOthers: (rows: readonly number[]) => readonly Float32Array[],
  ): readonly Float32Array[] {
    if (this.#isDropped) return readOthers(rows);
    const found = rows.map((row) => this.#find(row));
    const others = rows.filter((_, place) => found[place] === undefined);
    if (others.length === 0) return found as Float32Array[];
    const vectors = readOthers(others);
    for (const [place, row] of others.entries()) this.keep(row, vectors[place] as Float32Array);
    let next = 0;
    return found.map((vector) => vector ?? (vectors[next++] as Float32Array));
  }

  /** Keeps nothing from here on. */
  drop(): void {
    this.#isDropped = true;
    this.#blocks = [];
    this.#marks = [];
    this.#budget.giveBack(this.#bytes);
    this.#bytes = 0;
  }

  #find(row: number): Float32Array | undefined {
    if (!this.has(row)) return undefined;
    const start = (row % rowsPerBlock) * this.#dimension;
    return this.#blocks[Math.floor(row / rowsPerBlock)]?.subarray(start, start + this.#dimension);
  }

  #blockOf(number: number): { vectors: Float32Array; marks: Uint8Array } | undefined {
    let vectors = this.#blocks[number];
    let marks = this.#marks[number];
    if (vectors && marks) return { vectors, marks };
    const length = rowsPerBlock * this.#dimension;
    const bytes = 4 * length + rowsPerBlock;
    if (!this.#budget.take(bytes)) {
      this.drop();
      return undefined;
    }
    this.#bytes += bytes;
    vectors = new Float32Array(length);
    marks = new Uint8Array(rowsPerBlock);
    this.#blocks[number] = vectors;
    this.#marks[number] = marks;
    return { vectors, marks };
  }
}
