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

/** The best `topK` rows of a mirror, best first. */
export function search(mirror: Mirror, request: SearchRequest): ScoredRow[] {
  const accepted = mirror.accept(request.filter);
  const isFused = request.dense !== undefined && request.sparse !== undefined;
  const depth = isFused ? fusionDepth(request.topK) : request.topK;
  const lists: ScoredRow[][] = [];
  if (request.dense && mirror.dense) lists.push(mirror.dense.search(request.dense, depth, accepted));
  if (request.sparse && mirror.sparse) {
    const weighting = request.weightByFrequency
      ? { live: mirror.live, liveCount: mirror.liveCount }
      : undefined;
    lists.push(mirror.sparse.search(request.sparse, depth, accepted, weighting));
  }
  return isFused ? fuse(lists, request.fusion).slice(0, request.topK) : (lists[0] ?? []);
}
