import { join } from "node:path";
import { Index } from "@upstash/vector";
import { parseFilter } from "../../../dist/embedded/filter/index.js";
import { defaultLimits, EmbeddedRequester, VectorIndex } from "../../../dist/embedded/index.js";
import { waitForBackground } from "../background.ts";
import type { OpenOptions, OpenRival, Rival, RowFilter } from "./rival.ts";

const everything = "";

/** The embedded index by its own interface. */
export function loadEmbedded(): Promise<Rival> {
  return Promise.resolve({
    note: "VectorIndex, records in SQLite with synchronous = FULL",
    filters: true,
    open: async (options) => openDirectly(openIndex(options), options.topK),
  });
}

/** The same, as the official client reaches it in process. */
export function loadEmbeddedClient(): Promise<Rival> {
  return Promise.resolve({
    note: "the same index behind the official client @upstash/vector, in process",
    filters: true,
    open: async (options) => openClient(openIndex(options), options.topK),
  });
}

function openIndex({ directory, dimension }: OpenOptions): VectorIndex {
  return VectorIndex.open({
    path: join(directory, "index.sqlite"),
    settings: {
      type: "DENSE",
      dimension,
      similarityFunction: "COSINE",
      embeddingModel: "",
      sparseEmbeddingModel: "",
    },
    limits: defaultLimits,
  });
}

function openDirectly(index: VectorIndex, topK: number): OpenRival {
  const query = async (vector: Float32Array, filter: RowFilter | undefined): Promise<number[]> => {
    const hits = await index.query(
      everything,
      {
        dense: vector,
        sparse: undefined,
        topK,
        filter: filter && parseFilter(`${filter.field} = ${filter.value}`),
        weightByFrequency: false,
        fusion: "RRF",
      },
      {},
    );
    return hits.map(({ record }) => Number(record.id));
  };
  const ingest: OpenRival["ingest"] = async (rows) => {
    index.upsert(
      everything,
      rows.map(({ row, vector, metadata }) => ({
        id: String(row),
        dense: vector,
        sparse: undefined,
        metadata: JSON.stringify(metadata),
        data: undefined,
      })),
    );
  };
  return {
    ingest,
    build: () => buildBy(query, index.settings.dimension),
    query,
    upsert: (row) => ingest([row]),
    close: async () => index.close(),
  };
}

function openClient(vectorIndex: VectorIndex, topK: number): OpenRival {
  const index = new Index(new EmbeddedRequester(vectorIndex));
  const query = async (vector: Float32Array, filter: RowFilter | undefined): Promise<number[]> => {
    const hits = await index.query({
      vector: Array.from(vector),
      topK,
      ...(filter && { filter: `${filter.field} = ${filter.value}` }),
    });
    return hits.map(({ id }) => Number(id));
  };
  const ingest: OpenRival["ingest"] = async (rows) => {
    await index.upsert(
      rows.map(({ row, vector, metadata }) => ({
        id: String(row),
        vector: Array.from(vector),
        metadata: { ...metadata },
      })),
    );
  };
  return {
    ingest,
    build: () => buildBy(query, vectorIndex.settings.dimension),
    query,
    upsert: (row) => ingest([row]),
    close: async () => vectorIndex.close(),
  };
}

/**
 * The codes in memory are made by the first query after a write, and the columns by the first that filters; cells in the
 * background after some queries.
 */
async function buildBy(query: OpenRival["query"], dimension: number): Promise<void> {
  const vector = new Float32Array(dimension).fill(1);
  await query(vector, undefined);
  await query(vector, { field: "tenth", value: 0 });
  await query(vector, { field: "hundredth", value: 0 });
  await waitForBackground(() => query(vector, undefined));
}
