import { bytesOf } from "../foundation/bytes-of.ts";
import type { StoreRecord, Vector } from "./document.ts";

/** How two vectors differ. */
export interface VectorDifference {
  readonly kind: "vector" | "sparse-vector";
  /** One clause for a person. */
  readonly detail: string;
}

/** Maximum absolute difference of a component of a carried vector: float32 written as JSON and read back. */
export const defaultVectorTolerance = 1e-6;

type SparseVector = NonNullable<StoreRecord["sparseVector"]>;

/**
 * Compares two dense vectors as float32, component by component.
 *
 * @param tolerance maximum absolute difference of a component
 * @returns the difference, with the number of components that differ and the largest distance
 */
export function compareVectors(
  expected: Vector,
  actual: Vector,
  tolerance: number,
): VectorDifference | undefined {
  if (expected.length !== actual.length) {
    return { kind: "vector", detail: `has ${actual.length} components, not ${expected.length}` };
  }
  if (hasSameBits(expected, actual)) return undefined;
  for (let place = 0; place < expected.length; place++) {
    if (!isClose(expected[place] as number, actual[place] as number, tolerance)) {
      return { kind: "vector", detail: describeDistance(expected, actual, tolerance) };
    }
  }
  return undefined;
}

/** True for nearly every vector, and much faster than comparing the components. */
function hasSameBits(expected: Vector, actual: Vector): boolean {
  if (!(expected instanceof Float32Array && actual instanceof Float32Array)) return false;
  return Buffer.compare(bytesOf(expected), bytesOf(actual)) === 0;
}

/** NaN equals NaN, and an infinity itself: the comparison is of what was stored. */
function isClose(left: number, right: number, tolerance: number): boolean {
  const [expected, actual] = [Math.fround(left), Math.fround(right)];
  return Math.abs(expected - actual) <= tolerance || Object.is(expected, actual);
}

/** Vectors whose cosine is nearer to 1 than this have the same direction, within the accuracy of float32. */
const sameDirection = 1e-6;

function describeDistance(expected: Vector, actual: Vector, tolerance: number): string {
  let [dot, squares, actualSquares, largest, count] = [0, 0, 0, 0, 0];
  for (let place = 0; place < expected.length; place++) {
    const [left, right] = [expected[place] as number, actual[place] as number];
    dot += left * right;
    squares += left * left;
    actualSquares += right * right;
    if (isClose(left, right, tolerance)) continue;
    count++;
    largest = Math.max(largest, Math.abs(left - right));
  }
  const [length, actualLength] = [Math.sqrt(squares), Math.sqrt(actualSquares)];
  const isScaled =
    1 - dot / (length * actualLength) < sameDirection && Math.abs(length - actualLength) > tolerance;
  const note = isScaled
    ? `; it has the same direction, with length ${actualLength.toPrecision(4)}, not ${length.toPrecision(4)}`
    : "";
  return `${count} of ${expected.length} components differ, by up to ${largest.toPrecision(3)}${note}`;
}

/** Compares two sparse vectors as pairs of index and float32 value, in any order. */
export function compareSparseVectors(
  expected: SparseVector,
  actual: SparseVector,
  tolerance: number,
): VectorDifference | undefined {
  const [wanted, there] = [pairsOf(expected), pairsOf(actual)];
  const differs =
    wanted.length !== there.length ||
    wanted.some(([index, value], place) => {
      const [actualIndex, actualValue] = there[place] as [number, number];
      return index !== actualIndex || !isClose(value, actualValue, tolerance);
    });
  if (!differs) return undefined;
  return {
    kind: "sparse-vector",
    detail: `of ${there.length} entries does not equal the ${wanted.length} of the source`,
  };
}

function pairsOf({ indices, values }: SparseVector): [index: number, value: number][] {
  return indices
    .map((index, place): [number, number] => [index, values[place] as number])
    .sort((left, right) => left[0] - right[0] || left[1] - right[1]);
}
