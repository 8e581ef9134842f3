import type { RecordSource, RecordsOptions, SourceDescription } from "../../dist/migration/source.js";
import type { StoreRecord } from "../../dist/store/document.js";
import { uniform } from "../index/vectors.ts";

/** Records made as they are read, the same at each reading: no source to store, and no memory for it. */
export class GeneratedSource implements RecordSource {
  readonly name: string;
  readonly #count: number;
  readonly #dimension: number;
  /** Vectors are slices of it, because generating every component would take longer than the import. */
  readonly #components: Float32Array;

  constructor(count: number, dimension: number) {
    this.name = `${count} generated records`;
    this.#count = count;
    this.#dimension = dimension;
    const random = uniform(1);
    this.#components = Float32Array.from({ length: dimension + 100_003 }, () => random() - 0.5);
  }

  async describe(): Promise<SourceDescription> {
    return {
      kind: "dump",
      collection: "generated",
      recordCount: this.#count,
      dimension: this.#dimension,
      similarityFunction: "COSINE",
      embeddingModel: undefined,
    };
  }

  async *records({ batchSize = 1_000 }: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    for (let first = 0; first < this.#count; first += batchSize) {
      const length = Math.min(batchSize, this.#count - first);
      yield Array.from({ length }, (_, place) => this.#record(first + place));
    }
  }

  #record(place: number): StoreRecord {
    const start = (place * 7_919) % (this.#components.length - this.#dimension);
    return {
      id: `food-${place}`,
      text: `Food number ${place}: rice, lentils and a little ginger, cooked slowly until soft.`,
      metadata: { region: `Region ${place % 40}`, type: "Curry", place },
      vector: this.#components.subarray(start, start + this.#dimension),
    };
  }

  async close(): Promise<void> {}
}
