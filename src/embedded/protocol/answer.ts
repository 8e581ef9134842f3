import { JsonText } from "../../foundation/exact-json/index.ts";
import { parseFoundMetadata, parseMetadata } from "../index/metadata.ts";
import type { StoredRecord } from "../storage/record.ts";
import type { RecordParts } from "../storage/storage.ts";
import { type Fields, flagOf } from "./body.ts";
import { floatsText, floatText, shortestFloat, shortestFloats } from "./float.ts";

/** A record on the wire; absent parts are left out, never null. */
export interface WireRecord {
  id: string;
  score?: number | JsonText;
  vector?: number[] | Float32Array | JsonText;
  sparseVector?: { indices: number[]; values: number[] | JsonText };
  metadata?: unknown;
  data?: string;
}

/** How numbers and metadata go into an answer. */
export interface AnswerForm {
  score(score: number): number | JsonText;
  vector(components: Float32Array): number[] | Float32Array | JsonText;
  sparseValues(values: Float32Array): number[] | JsonText;
  /** @param text the metadata as it is stored */
  metadata(text: string): unknown;
  /** The same of a record that a search found. */
  matchMetadata(text: string): unknown;
}

/** JSON text for HTTP: floats as the service writes them, metadata digit for digit as it was received. */
export const jsonForm: AnswerForm = {
  score: (score) => new JsonText(floatText(score)),
  vector: (components) => new JsonText(floatsText(components)),
  sparseValues: (values) => new JsonText(floatsText(values)),
  metadata: (text) => new JsonText(text),
  matchMetadata: (text) => new JsonText(text),
};

/** Values for a caller in this process: floats as the shortest decimals, integers beyond 2^53 as `bigint`. */
export const valueForm: AnswerForm = {
  score: shortestFloat,
  vector: shortestFloats,
  sparseValues: shortestFloats,
  metadata: parseMetadata,
  matchMetadata: parseFoundMetadata,
};

/** The same with dense vectors as they are stored: finding the shortest decimals takes most of the time of a read. */
export const typedForm: AnswerForm = { ...valueForm, vector: (components) => components };

/** The parts of records that a request asks for. */
export function partsOf(fields: Fields): RecordParts {
  return {
    metadata: flagOf(fields, "includeMetadata"),
    data: flagOf(fields, "includeData"),
    vectors: flagOf(fields, "includeVectors"),
  };
}

/** A match: the record with its score. */
export function wireHit(record: StoredRecord, score: number, form: AnswerForm): WireRecord {
  return withParts({ id: record.id, score: form.score(score) }, record, form, form.matchMetadata);
}

export function wireRecord(record: StoredRecord, form: AnswerForm): WireRecord {
  return withParts({ id: record.id }, record, form, form.metadata);
}

function withParts(
  wire: WireRecord,
  { dense, sparse, metadata, data }: StoredRecord,
  form: AnswerForm,
  metadataOf: AnswerForm["metadata"],
): WireRecord {
  if (dense) wire.vector = form.vector(dense);
  if (sparse) wire.sparseVector = { indices: [...sparse.indices], values: form.sparseValues(sparse.values) };
  if (metadata !== undefined) wire.metadata = metadataOf(metadata);
  if (data !== undefined) wire.data = data;
  return wire;
}
