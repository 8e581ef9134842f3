import { onTestFinished } from "vitest";
import {
  defaultSettings,
  EmbeddedRequester,
  type IndexSettings,
  VectorIndex,
} from "../../src/embedded/index.ts";
import { bm25 } from "../../src/embedding/bm25.ts";
import { HashingEmbedder } from "../../src/embedding/hashing.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "../../src/migration/source.ts";
import type { Embedding, MigrationTarget } from "../../src/migration/target.ts";
import type { StoreRecord } from "../../src/store/document.ts";
import { UpstashStore } from "../../src/store/upstash.ts";

/** A source of records in memory, which a test may change as it likes. */
export class ListSource implements RecordSource {
  readonly name = "list";
  list: StoreRecord[];
  readonly #description: Partial<SourceDescription>;

  constructor(records: readonly StoreRecord[], description: Partial<SourceDescription> = {}) {
    this.list = [...records];
    this.#description = description;
  }

  async describe(): Promise<SourceDescription> {
    return {
      kind: "dump",
      collection: "foods",
      recordCount: this.list.length,
      dimension: this.list[0]?.vector?.length ?? 0,
      similarityFunction: "COSINE",
      embeddingModel: undefined,
      ...this.#description,
    };
  }

  async *records({
    batchSize = 1_000,
    includeVectors = true,
  }: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    for (let start = 0; start < this.list.length; start += batchSize) {
      const batch = this.list.slice(start, start + batchSize);
      yield includeVectors ? batch : batch.map(({ vector: _, sparseVector: __, ...rest }) => rest);
    }
  }

  async close(): Promise<void> {}
}

const dimension = 4;

export const denseIndex: IndexSettings = {
  type: "DENSE",
  dimension,
  similarityFunction: "COSINE",
  embeddingModel: "",
  sparseEmbeddingModel: "",
};

/** A dense index that embeds texts. */
export const embeddingIndex: IndexSettings = {
  ...denseIndex,
  dimension: 64,
  embeddingModel: "TEST_HASHING_64",
};

export const lexicalIndex: IndexSettings = defaultSettings;

/** An empty embedded index in memory as the target of a migration. */
export function openTarget(
  embedding: Embedding,
  settings: IndexSettings = embedding === "carried" ? denseIndex : embeddingIndex,
): MigrationTarget & { readonly store: UpstashStore } {
  const index = VectorIndex.open({
    path: ":memory:",
    settings,
    embedders: {
      ...(settings.sparseEmbeddingModel !== "" && { sparse: bm25 }),
      ...(settings.embeddingModel !== "" && { dense: new HashingEmbedder(settings.dimension) }),
    },
  });
  onTestFinished(() => index.close());
  const store = new UpstashStore({ name: "embedded", requester: new EmbeddedRequester(index) });
  return { store, namespace: "foods", embedding };
}

/** Records with vectors, texts and metadata of every type that a source may hold. */
export function sampleRecords(count: number): StoreRecord[] {
  return Array.from({ length: count }, (_, place) => ({
    id: `food-${place}`,
    text: `Food number ${place} is a soft crème of rice and ${place % 7} lentils.`,
    metadata: {
      region: ["India", "Spain", "Vietnam"][place % 3],
      energy: place,
      vegan: place % 2 === 0,
      note: null,
      tags: ["a", "b", `t${place}`],
      nested: { protein: { grams: place / 8 } },
    },
    vector: Float32Array.from({ length: dimension }, (_, axis) => Math.sin(place * dimension + axis + 1)),
  }));
}
