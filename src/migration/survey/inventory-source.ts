import type { DataFault } from "../../foundation/errors.ts";
import type { RecordSource } from "../source.ts";

/** One collection of a Chroma directory or server, for an inventory. */
export interface InventoryCollection {
  readonly name: string;
  readonly tenant: string;
  readonly database: string;
  readonly source: RecordSource;
  /** How Chroma compares vectors, and where that was found. */
  readonly distance: {
    readonly space: "l2" | "cosine" | "ip";
    readonly foundIn: string;
    readonly contradictedBy: readonly string[];
  };
  /** The embedding function that Chroma recorded. */
  readonly embeddingFunction: { readonly name: string; readonly model: string | undefined } | undefined;
  /** Metadata that the application stored with the collection. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Bytes on disk of this collection alone; `undefined` if not known. */
  readonly indexBytes: number | undefined;
  /** Records that the last pass over `source` could not read. */
  unreadable(): { readonly faults: readonly DataFault[]; readonly count: number };
}

/** A Chroma directory or server whose collections an inventory lists. */
export interface InventorySource {
  /** The directory or the URL. */
  readonly location: string;
  /** The versions of Chroma that it may be of. */
  readonly version: string;
  /** Bytes that all collections share; `undefined` if not known. */
  readonly databaseBytes: number | undefined;
  /** Damage that does not belong to one collection. */
  readonly damage: string | undefined;
  readonly collections: readonly InventoryCollection[];
  close(): Promise<void>;
}
