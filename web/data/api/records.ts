import type { IndexApi } from "./index-api.ts";

/** A record as the API returns it. */
export interface IndexRecord {
  readonly id: string;
  readonly score?: number;
  readonly vector?: readonly number[];
  readonly sparseVector?: SparseVector;
  /** Numbers may be `bigint`, or `JsonText` if JavaScript would write them with other characters. */
  readonly metadata?: unknown;
  readonly data?: string;
}

export interface SparseVector {
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

export interface Includes {
  readonly metadata: boolean;
  readonly text: boolean;
  readonly vectors: boolean;
}

export function includeFlags({ metadata, text, vectors }: Includes): Record<string, boolean> {
  return {
    ...(metadata && { includeMetadata: true }),
    ...(text && { includeData: true }),
    ...(vectors && { includeVectors: true }),
  };
}

interface Counts {
  readonly vectorCount: number;
  readonly pendingVectorCount: number;
}

export interface IndexInfo extends Counts {
  readonly indexSize: number;
  readonly dimension: number;
  readonly similarityFunction: string;
  readonly indexType: "DENSE" | "SPARSE" | "HYBRID";
  readonly denseIndex?: { readonly embeddingModel: string };
  readonly sparseIndex?: { readonly embeddingModel: string };
  readonly namespaces: Readonly<Record<string, Counts>>;
}

/** Records of a namespace. */
export function countOf({ namespaces }: IndexInfo, namespace: string): number {
  return namespaces[namespace]?.vectorCount ?? 0;
}

const everything: Includes = { metadata: true, text: true, vectors: true };

/** The whole record; `undefined` if it does not exist. */
export async function fetchRecord(
  api: IndexApi,
  namespace: string,
  id: string,
  signal?: AbortSignal,
): Promise<IndexRecord | undefined> {
  const body = { ids: [id], ...includeFlags(everything) };
  const [record] = await api.call<(IndexRecord | null)[]>("fetch", body, { namespace, signal });
  return record ?? undefined;
}
