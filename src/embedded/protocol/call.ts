import type { VectorIndex } from "../index/vector-index.ts";
import type { IndexLimits } from "../settings.ts";
import type { Faults } from "./faults.ts";

/** One call of a command. */
export interface Call {
  readonly index: VectorIndex;
  readonly namespace: string;
  /** The parsed body; `undefined` where there is none. */
  readonly body: unknown;
  readonly limits: IndexLimits;
  readonly faults: Faults;
  /** Whether dense vectors are handed out as Float32Array. */
  readonly typedVectors: boolean;
  /** The names in the query string of the path, as in `reset?all`. */
  readonly switches: ReadonlySet<string>;
}
