export { type CompareOptions, type ComparisonProgress, compare } from "./compare.ts";
export { type ConsistencyOptions, type ConsistencyReport, consistency } from "./consistency.ts";
export { comparisonMarkdown } from "./markdown.ts";
export {
  type ComparisonQuery,
  judgedQueries,
  leaveOneOutQueries,
  type QuerySubject,
  type SampleOptions,
  textQueries,
} from "./query.ts";
export type * from "./report.ts";
export {
  type MissReason,
  type SelfRetrievalMiss,
  type SelfRetrievalOptions,
  type SelfRetrievalReport,
  selfRetrieval,
} from "./self-retrieval.ts";
export type { ComparedStore, SideName, VectorRelation } from "./side.ts";
export { type SpotCheck, type SpotCheckReport, spotChecks } from "./spot-checks.ts";
export { type ComparisonThresholds, defaultThresholds } from "./thresholds.ts";
export { consistencyMarkdown, selfRetrievalMarkdown, spotCheckMarkdown } from "./verification-markdown.ts";
