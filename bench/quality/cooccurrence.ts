import { seededRandom } from "../../dist/evaluation/index.js";

export interface CooccurrenceOptions {
  /** Length of the vectors. */
  readonly dimension: number;
  /** Words to each side that count as context, nearer ones more (1 / distance). */
  readonly window: number;
  /** Rarer words get no vector. */
  readonly minimumCount: number;
}

/** Exponent that smooths the counts of contexts (Levy, Goldberg & Dagan 2015). */
const smoothing = 0.75;

/** Vectors beyond the wanted ones, and passes, that make the randomised SVD exact enough (Halko et al. 2011). */
const oversampling = 16;
const powerPasses = 4;

/**
 * Word vectors from texts: positive pointwise mutual information of co-occurrence, reduced by a randomised SVD,
 * with the singular values to the power of 0.5 (Levy, Goldberg & Dagan 2015, "Improving distributional similarity
 * with lessons learned from word embeddings").
 *
 * @param texts words of each text
 */
export function trainWordVectors(
  texts: readonly (readonly string[])[],
  { dimension, window, minimumCount }: CooccurrenceOptions,
): Map<string, Float64Array> {
  const counts = new Map<string, number>();
  for (const words of texts) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const vocabulary = [...counts].filter(([, count]) => count >= minimumCount).map(([word]) => word);
  const rowOf = new Map(vocabulary.map((word, row) => [word, row]));
  const rows = informationRows(texts, rowOf, window);
  const { basis, values } = leadingVectors(rows, dimension);
  return new Map(
    vocabulary.map((word, row) => [
      word,
      Float64Array.from({ length: dimension }, (_, column) => {
        const value = (basis[column] as Float64Array)[row] as number;
        return value * Math.sqrt(values[column] as number);
      }),
    ]),
  );
}

type SparseRow = readonly (readonly [column: number, value: number])[];

function informationRows(
  texts: readonly (readonly string[])[],
  rowOf: ReadonlyMap<string, number>,
  window: number,
): SparseRow[] {
  const counts = Array.from({ length: rowOf.size }, () => new Map<number, number>());
  for (const words of texts) {
    const places = words.flatMap((word) => rowOf.get(word) ?? []);
    for (const [place, row] of places.entries()) {
      for (let distance = 1; distance <= window && place + distance < places.length; distance++) {
        const other = places[place + distance] as number;
        for (const [from, to] of [
          [row, other],
          [other, row],
        ] as const) {
          const cells = counts[from] as Map<number, number>;
          cells.set(to, (cells.get(to) ?? 0) + 1 / distance);
        }
      }
    }
  }
  const sums = counts.map((cells) => [...cells.values()].reduce((sum, value) => sum + value, 0));
  const total = sums.reduce((sum, value) => sum + value, 0);
  const smoothed = sums.map((sum) => sum ** smoothing);
  const smoothedTotal = smoothed.reduce((sum, value) => sum + value, 0);
  return counts.map((cells, row) =>
    [...cells].flatMap(([column, count]) => {
      const expected = ((sums[row] as number) * (smoothed[column] as number)) / smoothedTotal;
      const information = Math.log(count / expected);
      return total > 0 && information > 0 ? [[column, information] as const] : [];
    }),
  );
}

/** The leading singular vectors of a symmetric-like sparse matrix, by subspace iteration on M·Mᵀ. */
function leadingVectors(
  rows: readonly SparseRow[],
  dimension: number,
): { basis: Float64Array[]; values: number[] } {
  const random = seededRandom(1);
  const size = Math.min(dimension + oversampling, rows.length);
  let basis: Float64Array[] = Array.from({ length: size }, () =>
    Float64Array.from(rows, () => random() - 0.5),
  );
  let lengths: number[] = [];
  for (let pass = 0; pass < powerPasses; pass++) {
    basis = basis.map((vector) => multiply(rows, multiplyTransposed(rows, vector)));
    lengths = orthonormalize(basis);
  }
  // The length of M·Mᵀ·v is the square of the singular value.
  return { basis: basis.slice(0, dimension), values: lengths.map(Math.sqrt) };
}

function multiply(rows: readonly SparseRow[], vector: Float64Array): Float64Array {
  return Float64Array.from(rows, (row) => {
    let sum = 0;
    for (const [column, value] of row) sum += value * (vector[column] as number);
    return sum;
  });
}

function multiplyTransposed(rows: readonly SparseRow[], vector: Float64Array): Float64Array {
  const product = new Float64Array(rows.length);
  for (const [place, row] of rows.entries()) {
    const factor = vector[place] as number;
    for (const [column, value] of row) product[column] = (product[column] as number) + value * factor;
  }
  return product;
}

/** Modified Gram-Schmidt, in place. @returns the lengths before */
function orthonormalize(basis: readonly Float64Array[]): number[] {
  return basis.map((vector, place) => {
    for (const earlier of basis.slice(0, place)) {
      const share = dot(vector, earlier);
      for (let row = 0; row < vector.length; row++) {
        vector[row] = (vector[row] as number) - share * (earlier[row] as number);
      }
    }
    const length = Math.sqrt(dot(vector, vector)) || 1;
    for (let row = 0; row < vector.length; row++) vector[row] = (vector[row] as number) / length;
    return length;
  });
}

export function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let place = 0; place < left.length; place++) {
    sum += (left[place] as number) * (right[place] as number);
  }
  return sum;
}
