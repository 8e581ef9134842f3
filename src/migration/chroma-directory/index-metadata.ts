import { BinaryFile } from "./binary-file.ts";
import { damage } from "./faults.ts";
import type { IdPlaces } from "./id-places.ts";
import { type PickleEntry, readPickle } from "./pickle.ts";

/** Facts that `index_metadata.pickle` holds about the HNSW files beside it. */
export interface IndexMetadata {
  /** The last row of the write-ahead queue that the files have taken in; 0 if unknown. */
  readonly lastSequence: number;
}

/** The dictionary from ids to labels; the others repeat it, or belong to Chroma's own bookkeeping. */
const labels = "id_to_label";

/**
 * Reads which id has which label in the HNSW files, and puts that into `places`.
 * @throws {PickleError}
 * @throws {DataError} if the file contradicts itself
 */
export function readIndexMetadata(path: string, places: IdPlaces): IndexMetadata {
  const file = new BinaryFile(path);
  try {
    const reading = new MetadataReading(path, places);
    for (const entry of readPickle(file, new Set([labels]))) reading.take(entry);
    reading.requireAgreement();
    return { lastSequence: reading.lastSequence };
  } finally {
    file.close();
  }
}

class MetadataReading {
  readonly #path: string;
  readonly #places: IdPlaces;
  /** Count and sum of the labels of both dictionaries, which hold the same labels. */
  readonly #forward = { count: 0, sum: 0 };
  readonly #backward = { count: 0, sum: 0 };
  lastSequence = 0;

  constructor(path: string, places: IdPlaces) {
    this.#path = path;
    this.#places = places;
  }

  take({ container, key, value }: PickleEntry): void {
    if (container === labels) {
      const label = this.#wholeNumber(value, "the label of an id");
      if (typeof key !== "string") throw damage(this.#path, "a label belongs to no id");
      this.#places.set(key, label);
      add(this.#forward, label);
    } else if (container === "label_to_id") {
      add(this.#backward, this.#wholeNumber(key, "a label"));
    } else if (container === "id_to_seq_id" || (container === undefined && key === "max_seq_id")) {
      // Written by 0.4; later versions leave it empty, and may leave an old value behind.
      if (value === undefined) return;
      this.lastSequence = Math.max(this.lastSequence, this.#wholeNumber(value, "a sequence number"));
    }
  }

  requireAgreement(): void {
    const { count, sum } = this.#forward;
    if (this.#places.size !== count) throw damage(this.#path, "it gives one id two labels");
    if (this.#backward.count !== count || this.#backward.sum !== sum) {
      throw damage(this.#path, "its two lists of labels do not agree");
    }
  }

  #wholeNumber(value: string | number | undefined, what: string): number {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw damage(this.#path, `${what} is not a whole number`);
  }
}

function add(labelsSeen: { count: number; sum: number }, label: number): void {
  labelsSeen.count++;
  labelsSeen.sum += label;
}
