import { uniform } from "../../../bench/index/vectors.ts";
import { EmbeddedRequester, VectorIndex } from "../../../src/embedded/index.ts";
import { Ledger, type MigrationIdentity } from "../../../src/migration/ledger/index.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "../../../src/migration/source.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import { UpstashStore } from "../../../src/store/upstash.ts";

export const dimension = 4;

export const identity: MigrationIdentity = {
  source: "memory foods",
  target: "memory",
  namespace: "",
  embedding: "carried",
  template: "",
};

/** Records that differ in every part; `version` gives the same ids other content. */
export function records(count: number, options: { first?: number; version?: number; length?: number } = {}) {
  const { first = 0, version = 0, length = dimension } = options;
  return Array.from({ length: count }, (_, place): StoreRecord => {
    const random = uniform(1 + first + place + 1_000_003 * version);
    return {
      id: `food-${first + place}`,
      text: `Food ${first + place} in version ${version}`,
      metadata: { place: first + place, version },
      vector: Float32Array.from({ length }, () => random() + 0.1),
    };
  });
}

/** A source of the records that `read` gives at the time. */
export class MemorySource implements RecordSource {
  readonly name = "memory foods";
  yielded = 0;
  readonly #read: () => readonly StoreRecord[];

  constructor(read: () => readonly StoreRecord[]) {
    this.#read = read;
  }

  async describe(): Promise<SourceDescription> {
    return {
      kind: "dump",
      collection: "foods",
      recordCount: this.#read().length,
      dimension: this.#read()[0]?.vector?.length ?? 0,
      similarityFunction: "COSINE",
      embeddingModel: undefined,
    };
  }

  async *records({ batchSize = 1_000 }: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    const all = this.#read();
    for (let start = 0; start < all.length; start += batchSize) {
      const batch = all.slice(start, start + batchSize);
      this.yielded += batch.length;
      yield batch;
    }
  }

  async close(): Promise<void> {}
}

export function embeddedIndex(path = ":memory:", length = dimension): VectorIndex {
  return VectorIndex.open({
    path,
    settings: {
      type: "DENSE",
      dimension: length,
      similarityFunction: "COSINE",
      embeddingModel: "",
      sparseEmbeddingModel: "",
    },
  });
}

export function storeOf(index: VectorIndex): UpstashStore {
  return new UpstashStore({
    name: "embedded",
    requester: new EmbeddedRequester(index),
    close: () => index.close(),
  });
}

/** Everything that a store holds, comparable: sorted by id, vectors as float32. */
export async function contentOf(store: VectorStore, namespace = ""): Promise<StoreRecord[]> {
  const all: StoreRecord[] = [];
  for await (const page of store.range({ namespace, includeVectors: true, pageSize: 1_000 }))
    all.push(...page);
  return comparable(all);
}

export function comparable(all: readonly StoreRecord[]): StoreRecord[] {
  return all
    .map((record) => ({ ...record, ...(record.vector && { vector: [...Float32Array.from(record.vector)] }) }))
    .sort((left, right) => (left.id < right.id ? -1 : 1));
}

/** Does the work with a ledger, and closes the ledger afterwards. */
export async function withLedger<T>(directory: string, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = Ledger.open({ directory, name: "test", identity });
  try {
    return await work(ledger);
  } finally {
    ledger.close();
  }
}
