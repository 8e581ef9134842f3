/**
 * Where a difference becomes a fault. The figures for recall and for the first result are those of Qdrant's
 * migration guidance (https://qdrant.tech/documentation/migration-guidance/search-quality/, tier 1: top-1 match
 * rate at least 80 %; tier 2: mean recall@10 at least 0.85, median at least 0.90). For records there is no
 * threshold: all of them have to be there, unaltered (FR-001).
 */
export interface ComparisonThresholds {
  /** Mean recall@k of the target against its exact neighbours, where they are known. */
  readonly meanRecall: number;
  readonly medianRecall: number;
  /** Share of queries whose first result is the exact one or, where that is not known, is the source's or has a reason. */
  readonly topAgreement: number;
  /** Share of all places in the results whose difference nothing explains; the complement of `meanRecall`. */
  readonly unexplainedShare: number;
  /** Chance of an nDCG that much lower if the sides do not differ, below which the target counts as worse. */
  readonly significance: number;
  /** Loss of mean nDCG that has to be ruled out, at 95 %, where the target has vectors of its own. Our choice. */
  readonly tolerableLoss: number;
}

export const defaultThresholds: ComparisonThresholds = {
  meanRecall: 0.85,
  medianRecall: 0.9,
  topAgreement: 0.8,
  unexplainedShare: 0.15,
  significance: 0.05,
  tolerableLoss: 0.05,
};
