import { JsonText } from "../../foundation/exact-json/index.ts";
import { parseFoundMetadata, parseMetadata } from "../index/metadata.ts";
import type { StoredRecord } from "../storage/record.ts";
import type { RecordParts } from "../storage/storage.ts";
import { type Fields, flagOf } from "./body.ts";
import { floatsText, floatText, shortestFloat, shortestFloats } from "./float.ts";

/** A record on the wire; absent parts are left out, never null. */
interface WireRecord {
  id: string;
  score?: number;
  vector?: number[] | Float32Array;
  sparseVector?: { indices: number[]; values: number[] };
  metadata?: unknown;
  data?: string;
}

/** How records go into an answer. */
export interface AnswerForm {
  /** @param score for a match, which a search found */
  record(record: StoredRecord, score?: number): WireRecord | JsonText;
}

/** JSON text for HTTP: floats as the service writes them, metadata digit for digit as it was received. */
export const jsonForm: AnswerForm = {
  record({ id, dense, sparse, metadata, data }, score) {
    let text = `{"id":${JSON.stringify(id)}`;
    if (score !== undefined) text += `,"score":${floatText(score)}`;
    if (dense) text += `,"vector":${floatsText(dense)}`;
    if (sparse) {
      text += `,"sparseVector":{"indices":[${sparse.indices.join()}],"values":${floatsText(sparse.values)}}`;
    }
    if (metadata !== undefined) text += `,"metadata":${metadata}`;
    if (data !== undefined) text += `,"data":${JSON.stringify(data)}`;
    return new JsonText(`${text}}`);
  },
};

/** Values for a caller in this process: floats as the shortest decimals, integers beyond 2^53 as `bigint`. */
export const valueForm: AnswerForm = formOfValues(shortestFloats);

/** The same with dense vectors as they are stored: finding the shortest decimals takes most of the time of a read. */
export const typedForm: AnswerForm = formOfValues((components) => components);

function formOfValues(vectorOf: (components: Float32Array) => number[] | Float32Array): AnswerForm {
  return {
    record({ id, dense, sparse, metadata, data }, score) {
      const wire: WireRecord = { id };
      if (score !== undefined) wire.score = shortestFloat(score);
      if (dense) wire.vector = vectorOf(dense);
      if (sparse) wire.sparseVector = { indices: [...sparse.indices], values: shortestFloats(sparse.values) };
      if (metadata !== undefined) {
        wire.metadata = score === undefined ? parseMetadata(metadata) : parseFoundMetadata(metadata);
      }
      if (data !== undefined) wire.data = data;
      return wire;
    },
  };
}

/** The parts of records that a request asks for. */
export function partsOf(fields: Fields): RecordParts {
  return {
    metadata: flagOf(fields, "includeMetadata"),
    data: flagOf(fields, "includeData"),
    vectors: flagOf(fields, "includeVectors"),
  };
}
