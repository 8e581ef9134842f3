import { counted } from "../foundation/plural.ts";
import type { StoreRecord, Vector } from "../store/document.ts";
import {
  idProblem,
  jsonBytes,
  largeMetadataProblem,
  largeTextProblem,
  textProblem,
} from "../store/document-problems.ts";
import { recordBytes } from "../store/record-bytes.ts";
import type { StoreInfo } from "../store/store.ts";
import { upstashRecordLimits } from "../store/upstash-limits.ts";
import { jsonProblem } from "./json-problem.ts";
import type { Embedding } from "./target.ts";

/** The kind of index that records are written to; a dimension of 0 is not known yet. */
export type TargetIndex = Pick<StoreInfo, "type" | "dimension">;

/** Where a record has to fit. */
export type RecordLimits =
  /** A dump, which has vectors of one dimension. `parquet` holds only Unicode text. */
  | { readonly holder: "dump"; readonly dimension: number; readonly format?: "jsonl" | "parquet" }
  /** An index of Upstash Vector; `embedding` says whether the vectors of the record are written. */
  | { readonly holder: "index"; readonly index: TargetIndex; readonly embedding: Embedding };

export type ProblemCode =
  | "invalid-id"
  | "invalid-text"
  | "large-text"
  | "no-text"
  | "invalid-metadata"
  | "large-metadata"
  | "large-record"
  | "no-vector"
  | "dense-vector"
  | "dimension"
  | "non-finite"
  | "no-sparse-vector"
  | "sparse-vector"
  | "invalid-sparse-vector"
  | "large-sparse-vector";

/**
 * Maximum bytes of a record in a dump of JSON Lines. It bounds the memory that a damaged file can take, and is far
 * above the limits of every index.
 */
export const maximumLineBytes: number = 64 * 2 ** 20;

/** Why a record does not fit. */
export interface RecordProblem {
  readonly code: ProblemCode;
  /** Without subject and full stop: `the id is empty`. */
  readonly message: string;
}

/**
 * Everything that prevents a record from being stored unchanged. Inventory, plan, export and import share it, so that
 * none of them passes what a later one refuses.
 *
 * @returns an empty list for a record that fits
 */
export function recordProblems(record: StoreRecord, limits: RecordLimits): RecordProblem[] {
  const messages: Partial<Record<ProblemCode, string | undefined>> =
    limits.holder === "dump" ? dumpMessages(record, limits) : indexMessages(record, limits);
  const problems: RecordProblem[] = [];
  for (const code in messages) {
    const message = messages[code as ProblemCode];
    if (message !== undefined) problems.push({ code: code as ProblemCode, message });
  }
  return problems;
}

type Messages = Partial<Record<ProblemCode, string | undefined>>;

function dumpMessages(
  record: StoreRecord,
  { dimension, format }: Extract<RecordLimits, { holder: "dump" }>,
): Messages {
  const { id, text, metadata, vector, sparseVector } = record;
  const needsUnicode = format === "parquet";
  const notJson = metadata === undefined ? undefined : jsonProblem(metadata);
  return {
    "invalid-id": textProblem("id", id, needsUnicode),
    "invalid-text": text === undefined ? undefined : textProblem("text", text, needsUnicode),
    "invalid-metadata": notJson,
    "large-record": notJson === undefined && format !== "parquet" ? largeRecordProblem(record) : undefined,
    dimension:
      vector === undefined || vector.length === dimension
        ? undefined
        : `the vector has ${counted(vector.length, "dimension")}; the source has ${dimension}`,
    "invalid-sparse-vector": sparseProblem(sparseVector, 0, 2 ** 32 - 1),
  };
}

/** A character takes up to six bytes in JSON. */
const escapedBytes = 6;
/** Braces, keys and quotes of a line. */
const frameBytes = 1_024;

function largeRecordProblem(record: StoreRecord): string | undefined {
  if (recordBytes(record) * escapedBytes + frameBytes <= maximumLineBytes) return undefined;
  const { id, text, metadata, vector, sparseVector } = record;
  const numbers = (vector?.length ?? 0) + 4 * (sparseVector?.indices.length ?? 0);
  // Vectors are written in base64.
  const bytes = jsonBytes({ id, text, metadata }) + numbers * 6 + frameBytes;
  return bytes > maximumLineBytes
    ? `the record takes ${bytes} bytes; a dump of JSON Lines takes ${maximumLineBytes}`
    : undefined;
}

function indexMessages(
  record: StoreRecord,
  { index, embedding }: Extract<RecordLimits, { holder: "index" }>,
): Messages {
  const { id, text = "", metadata } = record;
  const notJson = metadata === undefined ? undefined : jsonProblem(metadata);
  return {
    "invalid-id": idProblem(id),
    "invalid-metadata": notJson,
    "large-metadata": notJson === undefined && metadata ? largeMetadataProblem(metadata) : undefined,
    "invalid-text": textProblem("text", text),
    "large-text": typeof text === "string" ? largeTextProblem(text) : undefined,
    "no-text": embedding === "target" && text === "" ? "it has no text to embed" : undefined,
    ...(embedding === "carried" && vectorMessages(record, index)),
  };
}

function vectorMessages({ vector, sparseVector }: StoreRecord, { type, dimension }: TargetIndex): Messages {
  const entries = sparseVector?.indices.length ?? 0;
  return {
    "no-vector": type !== "SPARSE" && !vector?.length ? "it has no dense vector" : undefined,
    "dense-vector":
      type === "SPARSE" && vector?.length ? "it has a dense vector; the index is sparse" : undefined,
    "no-sparse-vector": type !== "DENSE" && entries === 0 ? "it has no sparse vector" : undefined,
    "sparse-vector":
      type === "DENSE" && entries > 0 ? "it has a sparse vector; the index is dense" : undefined,
    dimension:
      type !== "SPARSE" && dimension > 0 && vector?.length && vector.length !== dimension
        ? `the vector has ${counted(vector.length, "dimension")}; the index has ${dimension}`
        : undefined,
    "large-sparse-vector":
      entries > upstashRecordLimits.sparseEntries
        ? `the sparse vector has ${entries} entries; the index takes ${upstashRecordLimits.sparseEntries}`
        : undefined,
    "invalid-sparse-vector": sparseProblem(sparseVector, -(2 ** 31), 2 ** 31 - 1),
    "non-finite": notFinite("vector", vector) ?? notFinite("sparse vector", sparseVector?.values),
  };
}

function sparseProblem(sparse: StoreRecord["sparseVector"], least: number, most: number): string | undefined {
  if (sparse === undefined) return undefined;
  const { indices, values } = sparse;
  if (indices.length !== values.length) {
    return `the sparse vector has ${indices.length} indices and ${values.length} values`;
  }
  const index = indices.find((one) => !Number.isInteger(one) || one < least || one > most);
  return index === undefined ? undefined : `the sparse vector has the index ${index}`;
}

/** As float32: a float64 may be finite and past the range of float32. */
function notFinite(name: string, vector: Vector = []): string | undefined {
  // A sum of zeros, unless one component is not finite: many times as fast as asking each.
  let sum = 0;
  for (let place = 0; place < vector.length; place++) sum += Math.fround(vector[place] as number) * 0;
  if (sum === 0) return undefined;
  for (let place = 0; place < vector.length; place++) {
    if (Number.isFinite(Math.fround(vector[place] as number))) continue;
    return `component ${place} of the ${name} is ${vector[place]}`;
  }
  return undefined;
}
