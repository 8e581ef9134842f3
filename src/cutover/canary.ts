import { createHash } from "node:crypto";
import type { StoreQuery } from "../store/store.ts";

/**
 * Where a question lies in the canary's range, from 0 to below 100: the same for the same question in every
 * process, and spread evenly. Case and spaces do not matter.
 */
export function canaryPlace(query: StoreQuery): number {
  const subject =
    "text" in query ? query.text.normalize("NFKC").trim().toLowerCase() : Float32Array.from(query.vector);
  return (createHash("sha256").update(subject).digest().readUInt32BE(0) / 2 ** 32) * 100;
}
