import { IndexMismatchError, InvalidRequestError } from "../../foundation/errors.ts";
import { isSameModel } from "../../foundation/model-name.ts";
import { type IndexSettings, maximumKeyBytes } from "../settings.ts";
import type { PackedSparseVector } from "../storage/vectors.ts";

/** The vectors of a record or of a query. */
export interface VectorParts {
  readonly dense?: Float32Array | undefined;
  readonly sparse?: PackedSparseVector | undefined;
}

/** The error for a request with a fault: status 422. */
export function invalid(message: string): InvalidRequestError {
  return new InvalidRequestError("embedded", message, { status: 422 });
}

/** A new id or namespace is not longer than it may be. @throws {InvalidRequestError} */
export function checkKeyBytes(what: "id" | "namespace", key: string): void {
  // No character takes more than three bytes a UTF-16 unit.
  if (key.length * 3 <= maximumKeyBytes) return;
  const bytes = Buffer.byteLength(key);
  if (bytes > maximumKeyBytes)
    throw invalid(`The ${what} is too long: ${bytes} bytes, maximum: ${maximumKeyBytes}`);
}

/** A record has exactly the vectors that its kind of index has. @throws {InvalidRequestError} */
export function checkRecordVectors({ type, dimension }: IndexSettings, { dense, sparse }: VectorParts): void {
  if (type !== "SPARSE" && dense === undefined) throw invalid("This index requires dense vectors");
  if (type !== "DENSE" && sparse === undefined) throw invalid("This index requires sparse vectors");
  if (type === "SPARSE" && dense !== undefined) throw invalid("This index does not take dense vectors");
  if (type === "DENSE" && sparse !== undefined) throw invalid("This index does not take sparse vectors");
  checkDimension(dense, dimension);
}

/**
 * A query of a hybrid index may have one of the two. A vector of a kind that the index does not have is
 * ignored.
 * @throws {InvalidRequestError}
 */
export function checkQueryVectors({ type, dimension }: IndexSettings, { dense, sparse }: VectorParts): void {
  if (type === "DENSE" && dense === undefined) throw invalid("This index requires dense vectors");
  if (type === "SPARSE" && sparse === undefined) throw invalid("This index requires sparse vectors");
  if (!dense && !sparse) throw invalid("This index requires dense vectors or sparse vectors");
  if (type !== "SPARSE") checkDimension(dense, dimension);
}

function checkDimension(vector: Float32Array | undefined, dimension: number): void {
  if (vector !== undefined && vector.length !== dimension) {
    throw invalid(`Invalid vector dimension: ${vector.length}, expected: ${dimension}`);
  }
}

/** @throws {IndexMismatchError} if an index was created with other settings than it is opened with */
export function checkSettings(stored: IndexSettings, wanted: IndexSettings, path: string): void {
  for (const name of Object.keys(wanted) as (keyof IndexSettings)[]) {
    if (stored[name] === wanted[name]) continue;
    if (name === "embeddingModel" && isSameModel(stored[name], wanted[name])) continue;
    throw new IndexMismatchError(
      `The index at ${path} was made with ${name} ${JSON.stringify(stored[name])}; the settings ask for ${JSON.stringify(wanted[name])}.`,
      { hint: "Set it back, or start an empty index in another directory and ingest again." },
    );
  }
}
