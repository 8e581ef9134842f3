import type { ChromaDatabase } from "./database.ts";
import { damage } from "./faults.ts";

/**
 * The last row of the write-ahead queue that a segment has taken in; `undefined` if the directory does not
 * say. Versions before 1.0 write the number as 8 bytes, the highest first.
 *
 * @throws {DataError} for a number of another form
 */
export function readLastSequence(database: ChromaDatabase, segment: string): number | undefined {
  const row = database.get<[number | Uint8Array | string | null]>(
    "SELECT seq_id FROM max_seq_id WHERE segment_id = ?",
    segment,
  );
  if (row === undefined || row[0] === null) return undefined;
  const [value] = row;
  const sequence = value instanceof Uint8Array ? fromBytes(value) : Number(value);
  if (!Number.isSafeInteger(sequence) || sequence < 0) {
    throw damage(database.path, `the last sequence number of segment ${segment} cannot be read`);
  }
  return sequence;
}

function fromBytes(bytes: Uint8Array): number {
  return bytes.length === 8 ? Number(Buffer.from(bytes).readBigUInt64BE()) : Number.NaN;
}
