import type { MetadataPredicate } from "../../../src/embedded/filter/index.ts";
import { compileFilter, parseFilter } from "../../../src/embedded/filter/index.ts";
import { fetchRecord, type IndexInfo, type IndexRecord, includeFlags } from "../api/records.ts";
import type { OpenedIndex } from "../api/session.ts";
import type { QueryVectors } from "./vector-input.ts";
import { readVector } from "./vector-input.ts";
import type { View } from "./view.ts";

/** A command with its body, as any client would send it. */
export interface IndexRequest {
  readonly command: "range" | "query" | "query-data" | "fetch";
  readonly body: Readonly<Record<string, unknown>>;
  /** Applied to each record of `range`, which takes no filter. */
  readonly filter?: string;
}

/** A record by its vectors, or by its text. */
type Similar = QueryVectors | { readonly data: string };

/** Records a request in the program of a list; vectors are large. */
const listLimit = 1_000;
const vectorLimit = 100;

/** Whether the view lists records, in the order of their insertion, and does not rank them. */
export function isList({ mode, query }: View): boolean {
  return query === "" || (mode === "id" && query.endsWith("*"));
}

/** The beginning of the ids that are wanted: `food-` for `food-*`. */
export function prefixOf({ mode, query }: View): string {
  return mode === "id" && query.endsWith("*") ? query.slice(0, -1) : "";
}

/** @throws {FilterSyntaxError} */
export function predicateOf({ filter }: View): MetadataPredicate | undefined {
  return filter.trim() === "" ? undefined : compileFilter(parseFilter(filter));
}

/** How an index embeds the text of a query; `undefined` if it has no model. */
export function textQueryOf(info: IndexInfo): { readonly queryMode?: "DENSE" | "SPARSE" } | undefined {
  const hasDense = Boolean(info.denseIndex?.embeddingModel);
  const hasSparse = Boolean(info.sparseIndex?.embeddingModel);
  if (!hasDense && !hasSparse) return undefined;
  if (info.indexType !== "HYBRID" || (hasDense && hasSparse)) return {};
  return { queryMode: hasDense ? "DENSE" : "SPARSE" };
}

/**
 * The request of a view.
 *
 * @param info of the index
 * @param similar the vectors or the text of the record whose neighbours are wanted
 * @throws {Error} for a vector that cannot be read
 */
export function requestOf(view: View, info: IndexInfo, similar: Similar = {}): IndexRequest {
  const flags = includeFlags(view.include);
  const filter = view.filter.trim() === "" ? {} : { filter: view.filter };
  const ranking = { topK: view.topK, ...filter, ...flags };
  if (isList(view)) {
    const prefix = prefixOf(view);
    const limit = view.include.vectors ? vectorLimit : listLimit;
    const needed = includeFlags({
      ...view.include,
      metadata: view.include.metadata || "filter" in filter,
    });
    return {
      command: "range",
      body: { cursor: "0", limit, ...(prefix && { prefix }), ...needed },
      ...filter,
    };
  }
  switch (view.mode) {
    case "text":
      return { command: "query-data", body: { data: view.query, ...textQueryOf(info), ...ranking } };
    case "vector":
      return { command: "query", body: { ...readVector(view.query), ...ranking } };
    case "similar":
      return { command: "data" in similar ? "query-data" : "query", body: { ...similar, ...ranking } };
    case "id":
      return { command: "fetch", body: { ids: [view.query], ...flags } };
  }
}

/** Runs a view that is not a list. Best matches first. */
export async function runQuery(
  index: OpenedIndex,
  view: View,
  info: IndexInfo,
  signal: AbortSignal,
): Promise<{ request: IndexRequest; records: IndexRecord[] }> {
  const { namespace } = view;
  const similar = view.mode === "similar" ? await similarTo(index, view, signal) : {};
  const request = requestOf(view, info, similar);
  const found = await index.api.call<(IndexRecord | null)[]>(request.command, request.body, {
    namespace,
    signal,
  });
  return { request, records: found.filter((record) => record !== null) };
}

/** What the neighbours of a record are asked by. A service searches by a dense vector or by text. */
async function similarTo({ api, host }: OpenedIndex, view: View, signal: AbortSignal): Promise<Similar> {
  const record = await fetchRecord(api, view.namespace, view.query, signal);
  if (record === undefined) throw new Error(`The record ${JSON.stringify(view.query)} does not exist.`);
  const { vector, sparseVector, data } = record;
  if (host === "service") return vector ? { vector } : { data: data ?? "" };
  return { ...(vector && { vector }), ...(sparseVector && { sparseVector }) };
}
