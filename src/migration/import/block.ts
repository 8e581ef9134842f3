import { createHash } from "node:crypto";
import type { StoreRecord } from "../../store/document.ts";
import { contentHash } from "../content-hash.ts";
import { recordKey } from "../ledger/index.ts";
import { requestBytesOf } from "./record-size.ts";

/** A record of a block. */
export interface BlockRecord {
  readonly record: StoreRecord;
  /** `recordKey` of its id. */
  readonly key: Uint8Array;
  /** Its share of a request, about. */
  readonly bytes: number;
}

/** A run of records of the source: what the ledger knows as done or not done. */
export interface Block {
  /** SHA-256 over the content hashes of the records, 32 bytes. */
  readonly hash: Buffer;
  readonly records: readonly BlockRecord[];
  readonly bytes: number;
}

/** One id in so many ends a block. With the maximum, a block has about 100 records on average. */
const divisor = 128;
const maximumRecords = 200;
/** A block of large records ends early, so that the memory that blocks take is bounded. */
const maximumBytes = 4 * 1_024 * 1_024;

/**
 * Cuts the records of a source into blocks whose boundaries lie in the content: a block ends after a record
 * whose id's hash says so, one in 128, and after 200 records or 4 MiB at the latest. A record that is added or
 * removed therefore changes blocks up to the next such id, and those behind it stay as they are; blocks of a
 * fixed count would all shift. The id decides, not the content, so that a record that changes moves no
 * boundary; and there is no least count, which would let one boundary depend on the one before.
 *
 * @param includeVectors whether the vectors are carried, and count as content
 */
export async function* cutBlocks(
  batches: AsyncIterable<readonly StoreRecord[]>,
  includeVectors: boolean,
): AsyncGenerator<Block> {
  let draft = new BlockDraft(includeVectors);
  for await (const batch of batches) {
    for (const record of batch) {
      draft.add(record);
      if (!draft.isComplete) continue;
      yield draft.end();
      draft = new BlockDraft(includeVectors);
    }
  }
  if (!draft.isEmpty) yield draft.end();
}

class BlockDraft {
  readonly #includeVectors: boolean;
  readonly #hash = createHash("sha256");
  readonly #records: BlockRecord[] = [];
  #bytes = 0;

  constructor(includeVectors: boolean) {
    this.#includeVectors = includeVectors;
  }

  add(record: StoreRecord): void {
    const bytes = requestBytesOf(record, this.#includeVectors);
    this.#hash.update(contentHash(record, { vectors: this.#includeVectors }));
    this.#records.push({ record, key: recordKey(record.id), bytes });
    this.#bytes += bytes;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  /** Whether the record added last ends the block. */
  get isComplete(): boolean {
    const count = this.#records.length;
    if (count >= maximumRecords || this.#bytes >= maximumBytes) return true;
    const { key } = this.#records[count - 1] as BlockRecord;
    return new DataView(key.buffer, key.byteOffset).getUint32(0) % divisor === 0;
  }

  end(): Block {
    return { hash: this.#hash.digest(), records: this.#records, bytes: this.#bytes };
  }
}
