import { existsSync } from "node:fs";
import { join } from "node:path";
import { RagfoodError } from "../../foundation/errors.ts";
import type { RecordFault } from "../record-fault.ts";
import type { ChromaCollection } from "./collections.ts";
import type { ChromaDatabase } from "./database.ts";
import { HnswFile } from "./hnsw-file.ts";
import { IdPlaces } from "./id-places.ts";
import { readIndexMetadata } from "./index-metadata.ts";
import { ChangeQueue } from "./queue.ts";
import { readLastSequence } from "./sequence.ts";

interface VectorsOptions {
  readonly database: ChromaDatabase;
  /** The directory of the store. */
  readonly directory: string;
  readonly collection: ChromaCollection;
  readonly dimension: number;
  /** Continues if the HNSW files cannot be read: their vectors are then faults. */
  readonly salvage: boolean;
}

/**
 * The vectors of a collection: in the HNSW files up to the last time these were written, and in the write-ahead
 * queue since.
 */
export class CollectionVectors {
  readonly #queue: ChangeQueue;
  readonly #dimension: number;
  #places = new IdPlaces();
  #files: HnswFile | undefined;
  /** Why the vectors of the HNSW files cannot be read. */
  #filesFault: RecordFault = { problem: "the collection has no HNSW files" };

  /** @throws {DataError} if the HNSW files are damaged, unless the rest is salvaged */
  constructor(options: VectorsOptions) {
    this.#queue = new ChangeQueue(options.database, options.collection.id);
    this.#dimension = options.dimension;
    let taken = 0;
    try {
      taken = this.#openFiles(options);
    } catch (error) {
      if (!options.salvage || !(error instanceof RagfoodError)) throw error;
      this.#places = new IdPlaces();
      this.#filesFault = { problem: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
    }
    this.#replay(taken);
  }

  /** The vectors of these ids, or why one cannot be read. */
  read(ids: readonly string[]): (Float32Array | RecordFault)[] {
    const places = ids.map((id) => this.#places.get(id));
    const labels = places.filter((place) => place !== undefined && place >= 0) as number[];
    const stored = (this.#files?.read(labels) ?? labels.map(() => this.#filesFault)).values();
    return places.map((place) => {
      if (place === undefined) return this.#missing();
      return place >= 0
        ? (stored.next().value as Float32Array | RecordFault)
        : this.#queue.readVector(-place, this.#dimension);
    });
  }

  /** Whether an id has a vector, in the files or in the queue. */
  has(id: string): boolean {
    return this.#places.has(id);
  }

  close(): void {
    this.#files?.close();
  }

  #missing(): RecordFault {
    const { problem, hint } = this.#filesFault;
    return {
      problem: `it has no vector: neither the write-ahead queue nor the HNSW files have one${this.#files ? "" : ` (${problem})`}`,
      ...(!this.#files && hint !== undefined && { hint }),
    };
  }

  /** @returns the last sequence number that the files have taken in */
  #openFiles({ database, directory, collection, dimension, salvage }: VectorsOptions): number {
    const segment = join(directory, collection.vectorSegment);
    const metadata = join(segment, "index_metadata.pickle");
    if (!existsSync(segment)) this.#filesFault = missingFolder(collection.vectorSegment);
    // Files without it were created but never filled.
    if (!existsSync(metadata)) return 0;
    const { lastSequence } = readIndexMetadata(metadata, this.#places);
    const isCosine = collection.distance.space === "cosine";
    this.#files = new HnswFile(segment, { dimension, isCosine, salvage });
    // A crash between the two leaves the files ahead of the table. An old number in the pickle of a later version
    // is always the smaller one.
    return Math.max(lastSequence, readLastSequence(database, collection.vectorSegment) ?? 0);
  }

  /** Adding an id that exists changes nothing; updates need one that exists; upserts always apply. */
  #replay(taken: number): void {
    for (const { sequence, operation, id, hasVector } of this.#queue.after(taken)) {
      if (operation === "delete") this.#places.delete(id);
      else if (hasVector && (operation === "upsert" || this.#places.has(id) === (operation === "update"))) {
        this.#places.set(id, -sequence);
      }
    }
  }
}

function missingFolder(segment: string): RecordFault {
  return {
    problem: `the folder ${segment} is missing`,
    hint: `Copy the whole directory of the store, with its folder ${segment}; or migrate with --embed target, which needs no vectors.`,
  };
}
