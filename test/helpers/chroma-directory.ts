import { ChromaClient, type Collection, type Metadata } from "chromadb";
import type { StoreRecord } from "../../src/store/document.ts";
import { startChroma } from "./chroma-server.ts";

export interface ChromaWorkload {
  readonly collection: string;
  readonly space: "l2" | "cosine" | "ip";
  readonly count: number;
  readonly dimension: number;
}

const batchSize = 1_000;

/**
 * Fills a collection as applications do: adds, adds of ids that are there (ignored), updates, upserts,
 * deletes and additions again, with documents, ids and metadata of every kind that Chroma takes.
 *
 * @returns what it has to hold after that, in the order of its ids
 */
export async function writeWorkload(url: string, workload: ChromaWorkload): Promise<StoreRecord[]> {
  const { hostname, port } = new URL(url);
  const client = new ChromaClient({ host: hostname, port: Number(port), ssl: false });
  const collection = await client.createCollection({
    name: workload.collection,
    embeddingFunction: null,
    // Less care for the index, which the records do not depend on, saves most of the time.
    configuration: { hnsw: { space: workload.space, ef_construction: 10 } },
  });
  const expected = new Map<string, StoreRecord>();
  const random = generator(workload.count);
  const vector = () => Float32Array.from({ length: workload.dimension }, () => random() * 20 - 10);
  for (let start = 0; start < workload.count; start += batchSize) {
    const places = Array.from(
      { length: Math.min(batchSize, workload.count - start) },
      (_, place) => start + place,
    );
    const kind = (start / batchSize) % 3;
    await add(
      collection,
      expected,
      places.map((place) => ({
        id: idAt(place),
        ...(kind !== 1 && { text: textAt(place) }),
        ...(kind !== 2 && { metadata: metadataAt(place) }),
        vector: vector(),
      })),
    );
  }
  const ids = [...expected.keys()];
  await add(collection, expected, [{ id: ids[3] as string, text: "ignored", vector: vector() }]);
  await change(
    collection,
    expected,
    ids.filter((_, place) => place % 7 === 0),
    vector,
  );
  const gone = ids.filter((_, place) => place % 11 === 0);
  for (let start = 0; start < gone.length; start += batchSize) {
    await collection.delete({ ids: gone.slice(start, start + batchSize) });
  }
  for (const id of gone) expected.delete(id);
  await add(
    collection,
    expected,
    gone.slice(0, 20).map((id) => ({ id, text: `again ${id}`, metadata: { again: true }, vector: vector() })),
  );
  return [...expected.values()];
}

/** Leaves a directory as a Chroma server writes it; the server has ended. @returns what it holds */
export async function makeChromaDirectory(
  directory: string,
  workloads: readonly ChromaWorkload[],
): Promise<Map<string, StoreRecord[]>> {
  const server = await startChroma(directory);
  try {
    const expected = new Map<string, StoreRecord[]>();
    for (const workload of workloads) {
      expected.set(workload.collection, await writeWorkload(server.url, workload));
    }
    return expected;
  } finally {
    await server.stop();
  }
}

/** All with the same parts, as the client requires. */
async function add(
  collection: Collection,
  expected: Map<string, StoreRecord>,
  records: readonly (StoreRecord & { vector: Float32Array })[],
): Promise<void> {
  const hasText = records[0]?.text !== undefined;
  const hasMetadata = records[0]?.metadata !== undefined;
  await collection.add({
    ids: records.map(({ id }) => id),
    embeddings: records.map((record) => [...record.vector]),
    ...(hasText && { documents: records.map(({ text }) => text as string) }),
    ...(hasMetadata && { metadatas: records.map(({ metadata }) => metadata as Metadata) }),
  });
  for (const record of records) if (!expected.has(record.id)) expected.set(record.id, record);
}

/** Half of them by update, metadata alone, which Chroma merges; half by upsert, all parts. */
async function change(
  collection: Collection,
  expected: Map<string, StoreRecord>,
  ids: readonly string[],
  vector: () => Float32Array,
): Promise<void> {
  const updated = ids.filter((_, place) => place % 2 === 0);
  const upserted = ids.filter((_, place) => place % 2 === 1);
  await collection.update({ ids: updated, metadatas: updated.map((id) => ({ changed: id, flag: false })) });
  const vectors = upserted.map(vector);
  await collection.upsert({
    ids: upserted,
    embeddings: vectors.map((one) => [...one]),
    documents: upserted.map((id) => `new ${id}`),
    metadatas: upserted.map(() => ({ flag: true })),
  });
  for (const id of updated) {
    const record = expected.get(id) as StoreRecord;
    expected.set(id, { ...record, metadata: { ...record.metadata, changed: id, flag: false } });
  }
  for (const [place, id] of upserted.entries()) {
    const metadata = { ...expected.get(id)?.metadata, flag: true };
    expected.set(id, { id, text: `new ${id}`, metadata, vector: vectors[place] as Float32Array });
  }
}

function idAt(place: number): string {
  return [`food-${place}`, `食べ物 ${place}`, `é/${place}?#%`, `🍜${place}`, ` blank ${place} `][
    place % 5
  ] as string;
}

function textAt(place: number): string {
  const odd = [
    "",
    " ",
    "line\nbreak\ttab",
    "nul \u0000 here",
    "naïve 🍜 日本",
    "'quotes\" \\ back",
    "x".repeat(500),
  ];
  return place % 13 < odd.length ? (odd[place % 13] as string) : `Food number ${place} is a dish.`;
}

/** One in eight has every type; they take most of the time. */
function metadataAt(place: number): Metadata {
  if (place % 8 > 0) return { place, share: place / 8 };
  return {
    place,
    // Of numbers with more digits Chroma may change the last.
    share: place / 8,
    negative: -place - 0.5,
    large: Number.MAX_SAFE_INTEGER - place,
    tiny: 5e-324,
    vegan: place % 2 === 0,
    region: ["India", "日本", "", "Côte d'Ivoire"][place % 4] as string,
    "key with blanks": "yes",
    "dotted.key": 1,
    words: ["a", `b${place}`],
    numbers: [place, 0.5],
    flags: [true, false],
  };
}

/** Numbers from 0 to 1, the same at every run (Mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
