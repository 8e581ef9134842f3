import { JsonError, parseJson } from "../../foundation/exact-json/index.ts";
import type { RecordFault } from "../record-fault.ts";
import type { ChromaDatabase } from "./database.ts";
import { damage, wrongDimension } from "./faults.ts";
import { asBytes, decodeText } from "./text.ts";

/** What a row of the write-ahead queue does. */
type QueueOperation = "add" | "update" | "upsert" | "delete";

export interface QueueChange {
  readonly sequence: number;
  readonly operation: QueueOperation;
  readonly id: string;
  readonly hasVector: boolean;
}

const operations: readonly QueueOperation[] = ["add", "update", "upsert", "delete"];

/**
 * The table `embeddings_queue`: every change that Chroma was asked for, until it is purged. The topic of a row
 * ends with the id of its collection.
 */
export class ChangeQueue {
  readonly #database: ChromaDatabase;
  readonly #collection: string;

  constructor(database: ChromaDatabase, collection: string) {
    this.#database = database;
    this.#collection = collection;
  }

  /** The changes after a sequence number, oldest first. */
  *after(sequence: number): Generator<QueueChange> {
    const rows = this.#database.each<[number, number, Uint8Array | null, number]>(
      `SELECT seq_id, operation, ${asBytes("id")}, vector IS NOT NULL FROM embeddings_queue
       WHERE seq_id > ? AND substr(topic, -length(?2)) = ?2 ORDER BY seq_id`,
      sequence,
      this.#collection,
    );
    const { path } = this.#database;
    for (const [number, code, id, hasVector] of rows) {
      const place = `row ${number} of the write-ahead queue`;
      const operation = operations[code];
      if (operation === undefined || id === null) throw damage(path, `${place} is not a change of a record`);
      yield {
        sequence: number,
        operation,
        id: decodeText(path, id, `the id in ${place}`),
        hasVector: hasVector === 1,
      };
    }
  }

  /** The vector that a row carries, or why it cannot be read. */
  readVector(sequence: number, dimension: number): Float32Array | RecordFault {
    const row = this.#database.get<[Uint8Array | null, string | null]>(
      "SELECT vector, encoding FROM embeddings_queue WHERE seq_id = ?",
      sequence,
    );
    const place = `row ${sequence} of the write-ahead queue`;
    const [bytes, encoding] = row ?? [null, null];
    if (!(bytes instanceof Uint8Array)) return { problem: `${place} has no vector` };
    const components = bytes.byteLength / Float32Array.BYTES_PER_ELEMENT;
    if (components !== dimension) return wrongDimension(place, components, dimension);
    const copy = Uint8Array.from(bytes).buffer;
    if (encoding === "FLOAT32") return new Float32Array(copy);
    if (encoding === "INT32") return Float32Array.from(new Int32Array(copy));
    return { problem: `${place} has a vector in the unknown encoding ${JSON.stringify(encoding)}` };
  }

  /**
   * The document and metadata that a row carries; an integer beyond 2^53 is a `bigint`.
   * @throws {DataError} when they are not a JSON object
   */
  readMetadata(sequence: number): Record<string, unknown> {
    const { path } = this.#database;
    const place = `the metadata in row ${sequence} of the write-ahead queue`;
    const row = this.#database.get<[Uint8Array | null]>(
      `SELECT ${asBytes("metadata")} FROM embeddings_queue WHERE seq_id = ?`,
      sequence,
    );
    const text = row?.[0] ? decodeText(path, row[0], place) : "{}";
    try {
      const value = parseJson(text);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        return value as Record<string, unknown>;
      }
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      // Python writes these words into JSON; no standard reader takes them.
      const isNotFinite = /[:,[]\s*-?(?:NaN|Infinity)\b/.test(text);
      throw damage(path, `${place} cannot be read: ${error.message}`, {
        cause: error,
        ...(isNotFinite && { hint: "Its NaN or Infinity is not JSON: correct the record in Chroma." }),
      });
    }
    throw damage(path, `${place} is not a JSON object`);
  }
}
