import type { StoreRecord, Vector } from "../../store/document.ts";
import type { StoreInfo } from "../../store/store.ts";
import type { Embedding } from "../target.ts";
import { jsonBytes } from "./record-size.ts";

/** What Upstash takes of one record (pricing page and FAQ): metadata as JSON, text in UTF-8. */
const maximumMetadataBytes = 48 * 1_024;
const maximumTextBytes = 1_024 * 1_024;

/** The kind of index that records are checked against. */
export type TargetIndex = Pick<StoreInfo, "type" | "dimension">;

/** Says why the target cannot take a record; `undefined` where nothing speaks against it. */
export function problemOf(record: StoreRecord, embedding: Embedding, index: TargetIndex): string | undefined {
  return (
    idProblem(record.id) ??
    metadataProblem(record) ??
    textProblem(record, embedding) ??
    (embedding === "carried" ? vectorProblem(record, index) : undefined)
  );
}

function idProblem(id: string): string | undefined {
  if (id === "") return "the id is empty";
  return id.includes("\0") ? "the id holds the character U+0000" : undefined;
}

function metadataProblem({ metadata }: StoreRecord): string | undefined {
  if (metadata === undefined) return undefined;
  const bytes = jsonBytes(metadata);
  if (bytes === undefined) return "the metadata holds a value that JSON cannot say";
  return bytes > maximumMetadataBytes
    ? `the metadata takes ${bytes} bytes; the index takes ${maximumMetadataBytes}`
    : undefined;
}

function textProblem({ text }: StoreRecord, embedding: Embedding): string | undefined {
  if (text === undefined || text === "") {
    return embedding === "target" ? "it has no text to make a vector of" : undefined;
  }
  const bytes = Buffer.byteLength(text);
  return bytes > maximumTextBytes
    ? `the text takes ${bytes} bytes; the index takes ${maximumTextBytes}`
    : undefined;
}

function vectorProblem({ vector, sparseVector }: StoreRecord, index: TargetIndex): string | undefined {
  if (index.type !== "SPARSE" && vector === undefined) return "it has no dense vector";
  if (index.type === "SPARSE" && vector !== undefined) return "it has a dense vector; the index is sparse";
  if (index.type !== "DENSE" && sparseVector === undefined) return "it has no sparse vector";
  if (index.type === "DENSE" && sparseVector !== undefined)
    return "it has a sparse vector; the index is dense";
  if (vector !== undefined && vector.length !== index.dimension) {
    return `the vector has ${vector.length} components; the index has ${index.dimension}`;
  }
  const place = notFinite(vector ?? []);
  if (place >= 0) return `component ${place} of the vector is ${vector?.[place]}`;
  const sparsePlace = notFinite(sparseVector?.values ?? []);
  return sparsePlace >= 0
    ? `value ${sparsePlace} of the sparse vector is ${sparseVector?.values[sparsePlace]}`
    : undefined;
}

/** The place of the first component that is no number, as a float32; -1 where there is none. */
function notFinite(vector: Vector): number {
  // A sum of zeros, unless one component is no number: many times as fast as to ask of each.
  let sum = 0;
  for (let place = 0; place < vector.length; place++) sum += Math.fround(vector[place] as number) * 0;
  if (sum === 0) return -1;
  for (let place = 0; place < vector.length; place++) {
    if (!Number.isFinite(Math.fround(vector[place] as number))) return place;
  }
  return -1;
}
