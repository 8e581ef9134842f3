import type { SparseVector } from "../api/records.ts";

/** The vectors of a query. */
export interface QueryVectors {
  readonly vector?: readonly number[];
  readonly sparseVector?: SparseVector;
}

/**
 * Reads a vector that a user pasted: numbers with commas or blanks between them, a JSON list, or an object with
 * `vector` or `sparseVector` (or `indices` and `values` alone).
 *
 * @throws {Error} that says what is expected
 */
export function readVector(text: string): QueryVectors {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{")) return { vector: numbers(trimmed.replace(/^\[|\]$/g, "")) };
  const value = parseObject(trimmed);
  const { vector, sparseVector, indices, values } = value;
  const sparse = sparseVector ?? (indices === undefined ? undefined : { indices, values });
  if (vector === undefined && sparse === undefined) throw expected();
  return {
    ...(vector !== undefined && { vector: listOf(vector) }),
    ...(sparse !== undefined && { sparseVector: readSparse(sparse as Record<string, unknown>) }),
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw expected();
  }
}

function readSparse({ indices, values }: Record<string, unknown>): SparseVector {
  const sparse = { indices: listOf(indices), values: listOf(values) };
  if (sparse.indices.length !== sparse.values.length) {
    throw new Error(
      `A sparse vector has as many values as indices, not ${sparse.values.length} and ${sparse.indices.length}.`,
    );
  }
  return sparse;
}

function listOf(value: unknown): number[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === "number")) throw expected();
  return value;
}

function numbers(text: string): number[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const faulty = words.find((word) => !Number.isFinite(Number(word)));
  if (faulty !== undefined) throw new Error(`${JSON.stringify(faulty.slice(0, 20))} is not a number.`);
  if (words.length === 0) throw expected();
  return words.map(Number);
}

function expected(): Error {
  return new Error(
    'Expected numbers like 0.12, -0.4, or {"sparseVector": {"indices": [3], "values": [0.5]}}.',
  );
}
