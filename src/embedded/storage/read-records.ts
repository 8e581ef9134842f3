import { BoundedCache } from "../../foundation/bounded-cache.ts";
import type { StoredRecord } from "./record.ts";
import type { RecordParts } from "./rows.ts";

/** Bytes of the texts that are kept: about 5,000 foods. */
const bytesOfTexts = 8 * 2 ** 20;

/** Bytes of the dense vectors that are kept: about 4,000 of 1,024 dimensions. */
const bytesOfVectors = 16 * 2 ** 20;

/** Bytes of the objects and map entries of a record or a vector. */
const bytesOfObjects = 250;

/** Texts of a record; their strings cannot be changed by a caller. */
interface FoundTexts extends Pick<StoredRecord, "id" | "metadata" | "data"> {
  /** Whether `data` was read. */
  readonly hasData: boolean;
}

/**
 * What searches read lately, by slot: texts of records that they found, and dense vectors that they ranked by. All was
 * compared with its checksum when it was read. A slot is written once, so what it holds stays right until the slot is
 * removed: by this process, which calls `forget` or `clear`, or by another one, which `renew` notices.
 */
export class ReadRecords {
  readonly #texts = new BoundedCache<number, FoundTexts>(bytesOfTexts, textBytes);
  readonly #vectors = new BoundedCache<number, Float32Array>(bytesOfVectors, vectorBytes);
  #dataVersion: number | undefined;

  /** Forgets everything if another process has committed since the last call. */
  renew(dataVersion: number): void {
    if (dataVersion !== this.#dataVersion) this.clear();
    this.#dataVersion = dataVersion;
  }

  /** A new object with the requested parts; `undefined` if they are not all kept. */
  find(slot: number, parts: RecordParts): StoredRecord | undefined {
    if (parts.vectors) return undefined;
    const texts = this.#texts.get(slot);
    return texts && (texts.hasData || !parts.data) ? recordOf(texts, parts) : undefined;
  }

  /**
   * Keeps an intact record that was read with its metadata and the requested parts.
   * @returns a new object with the requested parts
   */
  keep(slot: number, record: StoredRecord, parts: RecordParts): StoredRecord {
    const { id, metadata, data } = record;
    if (parts.vectors) return { ...record, metadata: parts.metadata ? metadata : undefined };
    const texts = { id, metadata, data, hasData: parts.data ?? false };
    this.#texts.set(slot, texts);
    return recordOf(texts, parts);
  }

  /** `float32[dimension]`, shared: do not change it. `undefined` if it is not kept. */
  findDense(slot: number): Float32Array | undefined {
    return this.#vectors.get(slot);
  }

  keepDense(slot: number, vector: Float32Array): void {
    this.#vectors.set(slot, vector);
  }

  forget(slot: number): void {
    this.#texts.delete(slot);
    this.#vectors.delete(slot);
  }

  clear(): void {
    this.#texts.clear();
    this.#vectors.clear();
  }
}

function recordOf({ id, metadata, data }: FoundTexts, parts: RecordParts): StoredRecord {
  return {
    id,
    metadata: parts.metadata ? metadata : undefined,
    data: parts.data ? data : undefined,
    dense: undefined,
    sparse: undefined,
  };
}

/** A character takes up to two bytes. */
function textBytes({ id, metadata, data }: FoundTexts): number {
  return bytesOfObjects + 2 * (id.length + (metadata?.length ?? 0) + (data?.length ?? 0));
}

function vectorBytes({ byteLength }: Float32Array): number {
  return bytesOfObjects + byteLength;
}
