import { createHash } from "node:crypto";

const keyBytes = 16;

/** The first 16 bytes of the SHA-256 of an id. */
export function recordKey(id: string): Buffer {
  return createHash("sha256").update(id).digest().subarray(0, keyBytes);
}
