import type { DataFault } from "../../foundation/errors.ts";
import type { RecordSource } from "../source.ts";

/** One collection of a Chroma, as the inventory looks at it: a directory's or a server's. */
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
  /** The embedding function that Chroma noted. */
  readonly embeddingFunction: { readonly name: string; readonly model: string | undefined } | undefined;
  /** What the application noted with the collection. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Bytes on disk of the collection alone; `undefined` where they are not known. */
  readonly indexBytes: number | undefined;
  /** What the last reading of `source` has left out. */
  leftOut(): { readonly faults: readonly DataFault[]; readonly count: number };
}

/** A Chroma whose collections an inventory lists. */
export interface InventorySource {
  /** The directory, or the URL. */
  readonly location: string;
  /** The versions of Chroma that it may be of. */
  readonly version: string;
  /** Bytes of what all collections share; `undefined` where they are not known. */
  readonly databaseBytes: number | undefined;
  /** What is wrong with the whole. */
  readonly damage: string | undefined;
  readonly collections: readonly InventoryCollection[];
  close(): Promise<void>;
}
