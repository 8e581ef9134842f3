import type { PackedSparseVector } from "./vectors.ts";

/** A record as the index stores it. `metadata` is JSON text. */
export interface StoredRecord {
  readonly id: string;
  readonly metadata: string | undefined;
  readonly data: string | undefined;
  readonly dense: Float32Array | undefined;
  readonly sparse: PackedSparseVector | undefined;
}
