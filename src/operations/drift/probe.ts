import type { CallOptions } from "../../store/store.ts";

/** Vectors of the pinned texts at the time of the baseline; `undefined` if an index holds them. */
type ReferenceVectors = Uint8Array | undefined;

/** Something that embeds texts, and can be asked how it embeds them now. */
export interface DriftProbe {
  /** Names it over time, independent of the model that it reports. */
  readonly subject: string;
  /** Requests that one check makes, as they are billed; 0 for a model of our own. */
  readonly requests: number;
  /** The model by the name that it reports now. */
  model(call: CallOptions): Promise<string>;
  /** Embeds the texts and keeps the vectors for later. @returns vectors that the caller has to keep */
  record(texts: readonly string[], call: CallOptions): Promise<ReferenceVectors>;
  /**
   * Embeds the texts again.
   *
   * @returns for each text its similarity to each recorded vector: cosines for a model that compares directions
   * @throws {DriftError} if recorded vectors are missing
   */
  similarities(texts: readonly string[], reference: ReferenceVectors, call: CallOptions): Promise<number[][]>;
}
