import type { SourceKind } from "../source.ts";
import type { Embedding } from "../target.ts";
import type { Difference, DifferenceCounts } from "./difference.ts";

/** What a verification found; plain JSON. */
export interface VerifyReport {
  /** Nothing differs, either way, and the source stayed as it was: what an exit code is made of. */
  readonly isIdentical: boolean;
  readonly source: {
    readonly name: string;
    readonly kind: SourceKind;
    readonly collection: string;
    /** Records that it gave. */
    readonly recordCount: number;
  };
  readonly target: {
    readonly store: string;
    readonly namespace: string;
    /** Records that its range gave. */
    readonly recordCount: number;
  };
  readonly embedding: Embedding;
  /** Whether texts were expected to be filled into a template. */
  readonly hasTemplate: boolean;
  /** `undefined` where the target embeds: of vectors it is seen that they are there. */
  readonly vectorTolerance: number | undefined;
  /** Records of the source without any difference. */
  readonly equalCount: number;
  /** What showed that the source changed meanwhile. */
  readonly sourceChange: string | undefined;
  readonly counts: DifferenceCounts;
  readonly differenceCount: number;
  /** The first of them. */
  readonly differences: readonly Difference[];
  /** Where all of them are, one JSON object a line. */
  readonly differencesFile: string | undefined;
  /**
   * One hash a side over id, text and metadata of every record that the source has (`ContentSum`): made apart
   * from the comparison field by field, and equal where that finds no difference in them.
   */
  readonly contentHashes: { readonly source: string; readonly target: string };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly milliseconds: number;
}
