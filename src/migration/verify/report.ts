import type { SourceKind } from "../source.ts";
import type { Embedding } from "../target.ts";
import type { Difference, DifferenceCounts } from "./difference.ts";

/** Result of a verification; plain JSON. */
export interface VerifyReport {
  /** Nothing differs, either way, and the source did not change meanwhile. */
  readonly isIdentical: boolean;
  /** It is identical, or differs only in what was asked for: omissions, and extras that are allowed. The exit code. */
  readonly isPassed: boolean;
  readonly source: {
    readonly name: string;
    readonly kind: SourceKind;
    readonly collection: string;
    /** Number of records that were compared; those that are left out on request do not count. */
    readonly recordCount: number;
  };
  readonly target: {
    readonly store: string;
    readonly namespace: string;
    /** Number of ids that were read. */
    readonly recordCount: number;
  };
  readonly embedding: Embedding;
  /** Whether texts were expected to be filled into a template. */
  readonly hasTemplate: boolean;
  /** `undefined` if the target embeds: then only the presence of vectors is checked. */
  readonly vectorTolerance: number | undefined;
  /** Number of records of the source without any difference. */
  readonly equalCount: number;
  /** How the source was seen to change meanwhile. */
  readonly sourceChange: string | undefined;
  readonly counts: DifferenceCounts;
  readonly differenceCount: number;
  /** The first of them. */
  readonly differences: readonly Difference[];
  /** The file with all of them, one JSON object a line. */
  readonly differencesFile: string | undefined;
  /**
   * One hash for each side over id, text and metadata, without vectors, of every record that the source has
   * (`ContentSum`): computed apart from the comparison, and equal if that finds no difference in them.
   */
  readonly contentHashes: { readonly source: string; readonly target: string };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly milliseconds: number;
}
