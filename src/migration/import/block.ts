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
  /** Its approximate share of a request. */
  readonly bytes: number;
}

/** Consecutive records of the source: the unit that the ledger knows as done or not done. */
export interface Block {
  /** SHA-256 over the content hashes of the records, 32 bytes. */
  readonly hash: Buffer;
  readonly records: readonly BlockRecord[];
  readonly bytes: number;
}

/** One id in 128 ends a block, so that a block has about 100 records on average. */
const divisor = 128;
const maximumRecords = 200;
/** A block of large records ends early, so that its memory is bounded. */
const maximumBytes = 4 * 1_024 * 1_024;

/**
 * Cuts the records of a source into blocks whose boundaries depend on the content: a block ends after a record with
 * a certain hash of its id, one in 128, and at the latest after 200 records or 4 MiB. If a record is added or removed,
 * only the blocks up to the next such id change; blocks of a fixed count would all shift. A changed record moves no
 * boundary, since only the id counts. A minimum count would make boundaries depend on earlier ones.
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

  /** Whether the last record ends the block. */
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
