import { jsonBytes } from "../../store/document-problems.ts";
import type { CallOptions } from "../../store/store.ts";
import { jsonProblem } from "../json-problem.ts";
import type { RecordSource } from "../source.ts";
import { bytesPerComponent } from "./cost.ts";

/** Records that are read to learn how large the texts and the metadata of a source are. */
const sampleSize = 500;

export interface SampledSize {
  readonly recordCount: number;
  /** Bytes of ids, texts and metadata of all records, from a sample. */
  readonly contentBytes: number;
  /** Bytes of all dense vectors as float32. */
  readonly vectorBytes: number;
}

/**
 * Measures how large the records of a source are, from the first 500 of them; vectors are not read.
 *
 * @throws {ServiceError | StorageError | DataError} if the source cannot be read
 */
export async function sampledSize(source: RecordSource, call: CallOptions = {}): Promise<SampledSize> {
  const { recordCount, dimension } = await source.describe(call);
  let [count, bytes] = [0, 0];
  for await (const batch of source.records({ batchSize: 100, includeVectors: false, ...call })) {
    for (const { id, text = "", metadata } of batch) {
      count++;
      bytes += Buffer.byteLength(id) + Buffer.byteLength(text);
      if (metadata && jsonProblem(metadata) === undefined) bytes += jsonBytes(metadata);
    }
    if (count >= sampleSize) break;
  }
  return {
    recordCount,
    contentBytes: count === 0 ? 0 : Math.ceil((bytes / count) * recordCount),
    vectorBytes: recordCount * dimension * bytesPerComponent,
  };
}
