import { BoundedCache } from "../../foundation/bounded-cache.ts";
import type { StoredRecord } from "./record.ts";
import type { RecordParts } from "./rows.ts";

/** Bytes of the records that are kept: about 5,000 foods with their texts. */
const mostBytes = 8 * 2 ** 20;

/** Bytes of the objects and map entries of a record. */
const bytesOfObjects = 200;

/** Texts of a record; their strings cannot be changed by a caller. */
interface FoundTexts extends Pick<StoredRecord, "id" | "metadata" | "data"> {
  /** Whether `data` was read. */
  readonly hasData: boolean;
}

/**
 * The texts of records that searches found lately, by slot, without their vectors. A slot is written once, so a text
 * stays right until its slot is removed: by this process, which calls `forget` or `clear`, or by another one, which
 * `renew` notices.
 */
export class FoundRecords {
  readonly #records = new BoundedCache<number, FoundTexts>(mostBytes, bytesOf);
  #dataVersion: number | undefined;

  /** Forgets everything if another process has committed since the last call. */
  renew(dataVersion: number): void {
    if (dataVersion !== this.#dataVersion) this.clear();
    this.#dataVersion = dataVersion;
  }

  /** A new object with the requested parts; `undefined` if they are not all kept. */
  find(slot: number, parts: RecordParts): StoredRecord | undefined {
    if (parts.vectors) return undefined;
    const texts = this.#records.get(slot);
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
    this.#records.set(slot, texts);
    return recordOf(texts, parts);
  }

  forget(slot: number): void {
    this.#records.delete(slot);
  }

  clear(): void {
    this.#records.clear();
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
function bytesOf({ id, metadata, data }: FoundTexts): number {
  return bytesOfObjects + 2 * (id.length + (metadata?.length ?? 0) + (data?.length ?? 0));
}
