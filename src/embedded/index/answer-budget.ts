import { InvalidRequestError } from "../../foundation/errors.ts";
import { maximumAnswerBytes } from "../settings.ts";
import type { StoredRecord } from "../storage/record.ts";

/** Bytes of JSON text that one component of a vector takes, about: `-0.012345678,`. */
const componentBytes = 12;
/** Bytes of the names of a record's parts. */
const namesBytes = 80;

/**
 * What is left of the size of one answer. Records are counted while they are read, so that an answer that
 * is too large is refused before it takes the memory.
 */
export class AnswerBudget {
  #bytesLeft = maximumAnswerBytes;

  /** Counts a record; false if the answer has no room for it. */
  takes(record: StoredRecord): boolean {
    this.#bytesLeft -= bytesOf(record);
    return this.#bytesLeft >= 0;
  }

  /** Takes back records that the answer will not hold. */
  giveBack(records: Iterable<StoredRecord>): void {
    for (const record of records) this.#bytesLeft += bytesOf(record);
  }

  /** Counts a record and returns it. @throws {InvalidRequestError} 413 if the answer has no room for it */
  take(record: StoredRecord): StoredRecord {
    if (this.takes(record)) return record;
    throw answerTooLarge(`, maximum: ${maximumAnswerBytes} bytes`);
  }
}

function bytesOf({ id, metadata, data, dense, sparse }: StoredRecord): number {
  const texts = Buffer.byteLength(id) + Buffer.byteLength(metadata ?? "") + Buffer.byteLength(data ?? "");
  const components = (dense?.length ?? 0) + 2 * (sparse?.indices.length ?? 0);
  return namesBytes + texts + components * componentBytes;
}

export function answerTooLarge(limit: string, cause?: unknown): InvalidRequestError {
  return new InvalidRequestError(
    "embedded",
    `The answer is too large${limit}; ask for fewer records at once, or for fewer parts of them`,
    { status: 413, cause },
  );
}
