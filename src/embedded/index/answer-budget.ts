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
  takes({ id, metadata, data, dense, sparse }: StoredRecord): boolean {
    const texts = id.length + (metadata?.length ?? 0) + (data?.length ?? 0);
    const components = (dense?.length ?? 0) + 2 * (sparse?.indices.length ?? 0);
    this.#bytesLeft -= namesBytes + texts + components * componentBytes;
    return this.#bytesLeft >= 0;
  }

  /** Counts a record and returns it. @throws {InvalidRequestError} 413 if the answer has no room for it */
  take(record: StoredRecord): StoredRecord {
    if (this.takes(record)) return record;
    throw answerTooLarge(`, maximum: ${maximumAnswerBytes} bytes`);
  }
}

export function answerTooLarge(limit: string, cause?: unknown): InvalidRequestError {
  return new InvalidRequestError(
    "embedded",
    `The answer is too large${limit}; ask for fewer records at once, or for fewer parts of them`,
    { status: 413, cause },
  );
}
