export { type CompareOptions, type ComparisonProgress, compare } from "./compare.ts";
export { type ConsistencyOptions, type ConsistencyReport, consistency } from "./consistency.ts";
export {
  type KnownQuestionsOptions,
  type KnownQuestionsReport,
  knownQuestions,
  type QuestionCheck,
  type SideAnswer,
} from "./known-questions.ts";
export { comparisonMarkdown } from "./markdown.ts";
export { type ModelProbe, probeModel, type TextModel } from "./model-probe.ts";
export {
  type ComparisonQuery,
  judgedQueries,
  leaveOneOutQueries,
  type QuerySubject,
  type SampleOptions,
  type SubjectKind,
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
export { type ComparisonThresholds, defaultThresholds } from "./thresholds.ts";
export {
  consistencyMarkdown,
  knownQuestionsMarkdown,
  selfRetrievalMarkdown,
} from "./verification-markdown.ts";
