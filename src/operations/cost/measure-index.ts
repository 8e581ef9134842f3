import { jsonBytes } from "../../store/document-problems.ts";
import type { CallOptions, StoreInfo, VectorStore } from "../../store/store.ts";

/** Records that are read to learn how large the texts and metadata of an index are. */
const sampleSize = 500;

export interface MeasuredIndex {
  readonly info: StoreInfo;
  /** Mean of the sample, bytes; 0 for an empty index. */
  readonly contentBytesPerRecord: number;
  readonly sampleCount: number;
}

/**
 * Measures an index with a few requests: what it reports, and the size of its first 500 records, taken from its
 * namespaces in turn.
 *
 * @throws {ServiceError | StorageError} if it cannot be read
 */
export async function measureIndex(store: VectorStore, call: CallOptions = {}): Promise<MeasuredIndex> {
  const info = await store.info(call);
  let [count, bytes] = [0, 0];
  for (const namespace of Object.keys(info.namespaces)) {
    for await (const page of store.range({ namespace, pageSize: 100, ...call })) {
      for (const { text = "", metadata } of page) {
        count++;
        bytes += Buffer.byteLength(text) + (metadata ? jsonBytes(metadata) : 0);
      }
      if (count >= sampleSize) break;
    }
    if (count >= sampleSize) break;
  }
  return { info, contentBytesPerRecord: count === 0 ? 0 : Math.ceil(bytes / count), sampleCount: count };
}
