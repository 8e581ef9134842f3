/**
 * The limits beyond which a difference is a fault. The figures for recall and for the first result are those of
 * Qdrant's migration guidance (https://qdrant.tech/documentation/migration-guidance/search-quality/, tier 1: top-1
 * match rate at least 80 %; tier 2: mean recall@10 at least 0.85, median at least 0.90). Records have no threshold: a
 * verification requires all of them, unaltered (MIG-6).
 */
export interface ComparisonThresholds {
  /** Mean recall@k of the target against its exact neighbours, if they are known. */
  readonly meanRecall: number;
  readonly medianRecall: number;
  /** Share of queries whose first result is exact or, if that is not known, is the source's or is explained. */
  readonly topAgreement: number;
  /** Maximum share of places with an unexplained difference; the complement of `meanRecall`. */
  readonly unexplainedShare: number;
  /** Probability (p value) below which a lower nDCG makes the target worse. */
  readonly significance: number;
  /** Loss of mean nDCG that must be excluded, at 95 %, if the target makes new vectors. Our choice. */
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
