import type { StoreRecord } from "../store/document.ts";
import { contentHash } from "./content-hash.ts";
import type { Embedding } from "./target.ts";

/** What a migration leaves out on request: a whole record, or one field of its metadata. */
export interface Omission {
  readonly id: string;
  /** The key of the metadata; absent for a whole record. */
  readonly field?: string;
  /** One clause for a person. */
  readonly reason: string;
  /** Of a record that the target itself refused: the hash of its content. */
  readonly hash?: Uint8Array;
}

/** A field that a source gives in another form on request, such as an integer beyond 2^53 as text. */
export interface Alteration {
  readonly id: string;
  /** The key of the metadata. */
  readonly field: string;
  /** One clause for a person. */
  readonly reason: string;
}

/** The hash by which a record that a target refused is recognised: another content is sent again. */
export function refusalHash(record: StoreRecord, { embedding }: { readonly embedding: Embedding }): Buffer {
  return contentHash(record, { vectors: embedding === "carried" });
}
