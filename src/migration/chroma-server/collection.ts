import type { ChromaCollection, ChromaConnection } from "../../store/chroma/connection.ts";
import { similarityOf } from "../../store/chroma/space.ts";
import type { CallOptions } from "../../store/store.ts";
import { modelIn } from "../named-model.ts";
import type { SourceDescription } from "../source.ts";

/** Describes one collection; its dimension is that of its first vector. */
export async function describeCollection(
  connection: ChromaConnection,
  collection: ChromaCollection,
  options: CallOptions,
): Promise<SourceDescription> {
  const recordCount = await connection.count(collection, options);
  const { embeddings } = await connection.records(collection, options, (records) =>
    records.get({ limit: 1, include: ["embeddings"] }),
  );
  return {
    kind: "chroma-server",
    collection: collection.name,
    recordCount,
    dimension: embeddings[0]?.length ?? 0,
    similarityFunction: similarityOf(collection.space),
    embeddingModel: collection.embeddingModel ?? modelIn(collection.metadata),
  };
}
