import { RagfoodError } from "../../foundation/errors.ts";
import type { RecordFault } from "../record-fault.ts";
import type { ChromaDatabase } from "./database.ts";
import { damage, wrongDimension } from "./faults.ts";
import { asBytes, decodeText } from "./text.ts";

/** What a row of the write-ahead queue does. */
export type QueueOperation = "add" | "update" | "upsert" | "delete";

export interface QueueChange {
  readonly sequence: number;
  readonly operation: QueueOperation;
  readonly id: string;
  readonly hasVector: boolean;
}

const operations: readonly QueueOperation[] = ["add", "update", "upsert", "delete"];

/**
 * The table `embeddings_queue`: every change that Chroma was asked for, until it is purged. A collection's rows
 * are told by the end of their topic, the collection's id.
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
      if (operation === undefined || id === null) throw damage(path, `${place} is no change of a record`);
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
   * The document and metadata that a row carries, as JSON tells them.
   * @throws {DataError} when they are no JSON object
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
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        return this.#requireExact(sequence, value as Record<string, unknown>);
      }
    } catch (error) {
      if (error instanceof RagfoodError) throw error;
    }
    throw damage(path, `${place} is no JSON object`);
  }

  /** JSON does not tell a whole number that was rounded from one that was not. */
  #requireExact(sequence: number, metadata: Record<string, unknown>): Record<string, unknown> {
    for (const [key, value] of Object.entries(metadata)) {
      if (!Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value as number) >= 2 ** 64)
        continue;
      const problem = `row ${sequence} of the write-ahead queue gives ${JSON.stringify(key)} a whole number past 2^53`;
      throw damage(this.#database.path, problem, {
        hint: "Open the directory once with Chroma, which carries out what its queue holds, then read it again.",
      });
    }
    return metadata;
  }
}
