import type { Collection, Where } from "chromadb";
import { compileFilter } from "../../embedded/filter/index.ts";
import type { Match, Vector } from "../document.ts";
import type { Filter } from "../filter.ts";
import { type ChromaRow, metadataOf, toStoreRecord } from "./record.ts";
import { type ChromaSpace, scoreOf } from "./space.ts";
import { toChromaFilter } from "./where.ts";

export interface ChromaSearch {
  readonly vector: Vector;
  readonly topK: number;
  readonly filter: Filter | undefined;
  readonly space: ChromaSpace;
  readonly includeVectors: boolean;
}

/** One request about the records of the collection that is searched. */
export type RecordsCall = <T>(action: (records: Collection) => Promise<T>) => Promise<T>;

/** Records of the first request, in multiples of topK, if Chroma cannot decide the filter. */
const headStart = 4;
/** Factor of the next request if too few records met the filter. */
const growth = 4;

interface Row extends ChromaRow {
  readonly distance: number;
}

/**
 * The best matches for which the filter holds. Chroma decides what it can of it, the rest is decided here on
 * more and more of the nearest records, until there are enough or no more: the answer is the same as if the
 * store had decided. What a selective filter costs beyond Chroma's own is the metadata of the records that it
 * refused; their texts and vectors are not read.
 */
export async function search(call: RecordsCall, wanted: ChromaSearch): Promise<Match[]> {
  const { topK, filter, space, includeVectors } = wanted;
  const vectors = includeVectors ? (["embeddings"] as const) : [];
  if (filter === undefined) {
    const rows = await nearest(call, wanted, topK, undefined, ["documents", "metadatas", ...vectors]);
    return rows.map((row) => toMatch(row, space));
  }
  const { where, isExact } = toChromaFilter(filter);
  const holds = compileFilter(filter);
  for (let count = isExact ? topK : topK * headStart; ; count *= growth) {
    const rows = await nearest(call, wanted, count, where, ["metadatas"]);
    const found = rows.filter(({ metadata }) => holds(metadataOf(metadata))).slice(0, topK);
    if (found.length === topK || rows.length < count) return await complete(call, found, wanted);
  }
}

async function nearest(
  call: RecordsCall,
  { vector }: ChromaSearch,
  count: number,
  where: Where | undefined,
  include: readonly ("documents" | "metadatas" | "embeddings")[],
): Promise<Row[]> {
  const answer = await call((records) =>
    records.query({
      queryEmbeddings: [Array.from(vector)],
      nResults: count,
      include: ["distances", ...include],
      ...(where && { where }),
    }),
  );
  return (answer.ids[0] ?? []).map((id, place) => ({
    id,
    distance: answer.distances[0]?.[place] ?? Number.NaN,
    document: answer.documents[0]?.[place],
    metadata: answer.metadatas[0]?.[place],
    vector: answer.embeddings[0]?.[place],
  }));
}

/**
 * Adds texts and vectors. A record that was deleted since is not a match; a changed record is returned in its current
 * state.
 */
async function complete(
  call: RecordsCall,
  rows: readonly Row[],
  { space, includeVectors }: ChromaSearch,
): Promise<Match[]> {
  if (rows.length === 0) return [];
  const found = await readRows(
    call,
    rows.map(({ id }) => id),
    includeVectors,
  );
  return rows.flatMap(({ id, distance }) => {
    const row = found.get(id);
    return row ? [toMatch({ ...row, distance }, space)] : [];
  });
}

/** Records by id, without missing ones. */
export async function readRows(
  call: RecordsCall,
  ids: readonly string[],
  includeVectors: boolean,
): Promise<Map<string, ChromaRow>> {
  const answer = await call((records) =>
    records.get({
      ids: [...new Set(ids)],
      include: includeVectors ? ["documents", "metadatas", "embeddings"] : ["documents", "metadatas"],
    }),
  );
  return new Map(
    answer.ids.map((id, place) => [
      id,
      {
        id,
        document: answer.documents[place],
        metadata: answer.metadatas[place],
        vector: answer.embeddings[place],
      },
    ]),
  );
}

function toMatch(row: Row, space: ChromaSpace): Match {
  return { ...toStoreRecord(row), score: scoreOf(row.distance, space) };
}
