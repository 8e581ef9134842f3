import type { StoreRecord } from "../store/document.ts";
import type { CallOptions, VectorStore } from "../store/store.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "./source.ts";

export interface StoreSourceOptions {
  /** Closed with the source. */
  readonly store: VectorStore;
  /** Default `""`, the namespace that every index has. */
  readonly namespace?: string;
}

const defaultBatchSize = 1_000;

/** One namespace of an index as the source of a migration, in the order of the index. */
export class StoreSource implements RecordSource {
  readonly name: string;
  readonly #store: VectorStore;
  readonly #namespace: string;

  constructor({ store, namespace = "" }: StoreSourceOptions) {
    this.#store = store;
    this.#namespace = namespace;
    this.name = `${store.name} ${namespace === "" ? "(default namespace)" : namespace}`;
  }

  /** @throws {ServiceError} */
  async describe(options: CallOptions = {}): Promise<SourceDescription> {
    const info = await this.#store.info(options);
    return {
      kind: this.#store.name === "embedded" ? "embedded" : "upstash",
      collection: this.#namespace,
      recordCount: info.namespaces[this.#namespace] ?? 0,
      dimension: info.dimension,
      similarityFunction: similarityOf(info.similarityFunction),
      embeddingModel: info.embeddingModel || info.sparseEmbeddingModel || undefined,
    };
  }

  /** @throws {ServiceError} */
  async *records(options: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    const { batchSize = defaultBatchSize, includeVectors = true, signal } = options;
    yield* this.#store.range({
      namespace: this.#namespace,
      pageSize: Math.min(batchSize, defaultBatchSize),
      includeVectors,
      signal,
    });
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

function similarityOf(name: string): SourceDescription["similarityFunction"] {
  return name === "COSINE" || name === "EUCLIDEAN" || name === "DOT_PRODUCT" ? name : undefined;
}
