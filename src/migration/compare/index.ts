export { type CompareOptions, compare } from "./compare.ts";
export { type ConsistencyReport, consistency } from "./consistency.ts";
export { type KnownQuestionsReport, knownQuestions } from "./known-questions.ts";
export { comparisonMarkdown } from "./markdown.ts";
export { probeModel, type TextModel } from "./model-probe.ts";
export {
  type ComparisonQuery,
  judgedQueries,
  leaveOneOutQueries,
  type SubjectKind,
  textQueries,
} from "./query.ts";
export type { ComparisonReport } from "./report.ts";
export { type SelfRetrievalReport, selfRetrieval } from "./self-retrieval.ts";
export type { ComparedStore, SideName, VectorRelation } from "./side.ts";
export {
  consistencyMarkdown,
  knownQuestionsMarkdown,
  lostSentence,
  selfRetrievalMarkdown,
  staleSentence,
} from "./verification-markdown.ts";
