import { vectorChecksum } from "./rows.ts";
import { denseFromBytes } from "./vectors.ts";

/**
 * The vectors of several slots in one row: a buffer for each vector takes longer to make than the vector takes to read,
 * and is garbage afterwards.
 */
export interface JoinedVectors {
  /** Numbers, separated by commas; null if no slot is valid. */
  readonly checksums: string | null;
  /** Bytes of each vector, separated by commas; empty for a missing one. */
  readonly denseLengths: string | null;
  readonly sparseLengths: string | null;
  readonly dense: Uint8Array | null;
  readonly sparse: Uint8Array | null;
}

/** In the order of the list of slots, which is JSON text; a slot that is no longer valid is left out. */
export const selectJoined = `SELECT group_concat(v.checksum) AS checksums,
    group_concat(coalesce(length(v.dense), '')) AS denseLengths, CAST(group_concat(v.dense, '') AS BLOB) AS dense,
    group_concat(coalesce(length(v.sparse), '')) AS sparseLengths, CAST(group_concat(v.sparse, '') AS BLOB) AS sparse
  FROM json_each(?) AS wanted CROSS JOIN vectors v ON v.slot = wanted.value`;

/** The dense vectors of the slots, as views of one array; `undefined` unless all are there and match their checksums. */
export function splitVectors(
  { checksums, denseLengths, sparseLengths, dense, sparse }: JoinedVectors,
  slots: readonly number[],
): Float32Array[] | undefined {
  const sums = checksums?.split(",");
  const denseParts = partsOf(dense, denseLengths);
  const sparseParts = partsOf(sparse, sparseLengths);
  if (dense === null || dense.length % 4 !== 0 || sums?.length !== slots.length) return undefined;
  const all = denseFromBytes(dense);
  const vectors: Float32Array[] = [];
  let start = 0;
  for (const [place, slot] of slots.entries()) {
    const [part, sparsePart] = [denseParts[place], sparseParts[place]];
    const isIntact =
      part &&
      sparsePart !== undefined &&
      Number(sums[place]) === vectorChecksum({ slot, dense: part, sparse: sparsePart });
    if (!isIntact) return undefined;
    vectors.push(all.subarray(start, start + part.length / 4));
    start += part.length / 4;
  }
  return vectors;
}

/** Bytes by their lengths; null for a missing part. */
function partsOf(joined: Uint8Array | null, lengths: string | null): (Uint8Array | null)[] {
  let start = 0;
  return (lengths ?? "").split(",").map((length) => {
    if (length === "" || joined === null) return null;
    const end = start + Number(length);
    const part = joined.subarray(start, end);
    start = end;
    return part;
  });
}
