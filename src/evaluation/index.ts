export { cell, figure, percent, table } from "../foundation/markdown.ts";
export { seededRandom } from "../foundation/random.ts";
export {
  type AnswersComparison,
  compareAnswers,
} from "./answers/compare-answers.ts";
export {
  type Answerer,
  type AnswerFigures,
  type AnswersReport,
  type EvaluateAnswersOptions,
  evaluateAnswers,
  type Share,
} from "./answers/evaluate-answers.ts";
export { type GoldenQuestion, readGoldenQuestions } from "./answers/golden-question.ts";
export { type JudgedAnswer, judgeAnswer } from "./answers/judge.ts";
export {
  type EvaluateOptions,
  type EvaluationReport,
  evaluate,
  type RelevanceFigures,
  type Searcher,
} from "./evaluate.ts";
export { evaluationMarkdown } from "./evaluation-markdown.ts";
export type { JudgedQuery } from "./judged-query.ts";
export { describeMachine, type Machine } from "./latency/machine.ts";
export {
  checkObjectives,
  type LatencyObjectives,
  type ObjectiveVerdict,
  requiredLatency,
} from "./latency/objectives.ts";
export { LatencyRecorder, type LatencySummary } from "./latency/recorder.ts";
export { overlap, rankBiasedOverlap, recallAgainst, sameTop, spearman } from "./metrics/agreement.ts";
export { type Judgements, ndcg, precision, recall, reciprocalRank } from "./metrics/relevance.ts";

export { readBeirQueries, readGoldenQueries } from "./read-queries.ts";
export {
  bootstrapMean,
  type Interval,
  trialsToRuleOut,
  wilsonInterval,
} from "./statistics/intervals.ts";
export { type PairedTest, pairedTest } from "./statistics/paired-test.ts";
export { quantileUpperBound, valuesForBound } from "./statistics/quantile-bound.ts";
export { mean, type Summary, summarize } from "./statistics/summary.ts";
