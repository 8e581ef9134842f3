import type { FilterExpression } from "../filter/index.ts";
import type { PackedSparseVector } from "../storage/vectors.ts";
import { type FusionAlgorithm, fuse } from "./fusion.ts";
import type { Mirror } from "./mirror.ts";
import type { ScoredRow } from "./top-k.ts";

export interface SearchRequest {
  /** `float32[dimension]`; with `sparse` on a hybrid index, both are searched and fused. */
  readonly dense: Float32Array | undefined;
  readonly sparse: PackedSparseVector | undefined;
  readonly topK: number;
  readonly filter: FilterExpression | undefined;
  /** Weigh the indices of a sparse query by inverse document frequency. */
  readonly weightByFrequency: boolean;
  readonly fusion: FusionAlgorithm;
}

/** How deep each list is ranked before fusion: `max(10 · topK, 100)`. The service's depth is not documented. */
function fusionDepth(topK: number): number {
  return Math.max(10 * topK, 100);
}

/** A search that is ready to run in one of two ways. */
export interface Search {
  /** A long search gives the event loop its turn; a short one returns the rows themselves. */
  inSlices(): ScoredRow[] | Promise<ScoredRow[]>;
  atOnce(): ScoredRow[];
}

/** The best `topK` rows of a mirror, best first. */
export function search(mirror: Mirror, request: SearchRequest): Search {
  const isFused = [request.dense && mirror.dense, request.sparse && mirror.sparse].every(Boolean);
  const depth = isFused ? fusionDepth(request.topK) : request.topK;
  return rank(mirror, request, mirror.accept(request.filter), depth);
}

/**
 * The next `topK` rows of a resumable query: the best rows of each component that were not returned yet. Two
 * components are fused from just these rows (as vector-js's tests of hybrid paging show).
 */
export function searchNext(mirror: Mirror, request: SearchRequest, returnedSlots: readonly number[]): Search {
  const accepted = Uint8Array.from(mirror.accept(request.filter));
  for (const slot of returnedSlots) {
    const row = mirror.rowOf(slot);
    if (row !== undefined) accepted[row] = 0;
  }
  return rank(mirror, request, accepted, request.topK);
}

/** @param depth how many rows of each component are ranked */
function rank(mirror: Mirror, request: SearchRequest, accepted: Uint8Array, depth: number): Search {
  const { dense, sparse, fusion, topK } = request;
  const merge = (lists: ScoredRow[][]) =>
    lists.length > 1 ? fuse(lists, fusion).slice(0, topK) : (lists[0] ?? []);
  const parts: Search[] = [];
  const { dense: vectors, sparse: postings } = mirror;
  if (dense && vectors) {
    parts.push({
      inSlices: () => vectors.searchInSlices(dense, depth, accepted),
      atOnce: () => vectors.search(dense, depth, accepted),
    });
  }
  if (sparse && postings) {
    const weighting = request.weightByFrequency ? mirror : undefined;
    parts.push({
      inSlices: () => postings.searchInSlices(sparse, depth, accepted, weighting),
      atOnce: () => postings.search(sparse, depth, accepted, weighting),
    });
  }
  return {
    inSlices: () => {
      const lists = parts.map((part) => part.inSlices());
      return lists.every(isFound) ? merge(lists) : Promise.all(lists).then(merge);
    },
    atOnce: () => merge(parts.map((part) => part.atOnce())),
  };
}

function isFound(rows: ScoredRow[] | Promise<ScoredRow[]>): rows is ScoredRow[] {
  return !(rows instanceof Promise);
}
