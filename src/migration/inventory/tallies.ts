import type { DataFault } from "../../foundation/errors.ts";
import type { Examples } from "./examples.ts";
import type { MetadataKeys } from "./metadata-keys.ts";
import type { TextTally } from "./text-tally.ts";
import type { VectorTally } from "./vector-tally.ts";

/** What the records of a collection have come to. */
export interface Tallies {
  readonly vectors: VectorTally;
  readonly texts: TextTally;
  readonly keys: MetadataKeys;
  readonly largeMetadata: Examples;
  readonly oddIds: Examples;
  readonly leftOut: { readonly faults: readonly DataFault[]; readonly count: number };
}
