export { cell, figure, percent, table } from "../foundation/markdown.ts";
export { seededRandom } from "../foundation/random.ts";
export {
  type AnswerChange,
  type AnswersComparison,
  compareAnswers,
} from "./answers/compare-answers.ts";
export {
  type AnswerEvaluation,
  type Answerer,
  type AnswerFigures,
  type AnswersReport,
  type EvaluateAnswersOptions,
  evaluateAnswers,
  type Share,
  shareOf,
  summarizeAnswers,
} from "./answers/evaluate-answers.ts";
export { type GoldenQuestion, readGoldenQuestions, type Safety } from "./answers/golden-question.ts";
export { type JudgedAnswer, type Judgement, judgeAnswer, type Outcome } from "./answers/judge.ts";
export {
  type EvaluateOptions,
  type EvaluationReport,
  evaluate,
  type QueryEvaluation,
  type RelevanceFigures,
  type Searcher,
} from "./evaluate.ts";
export { evaluationMarkdown } from "./evaluation-markdown.ts";
export type { JudgedQuery } from "./judged-query.ts";
export { describeMachine, type Machine } from "./latency/machine.ts";
export {
  checkObjectives,
  type LatencyObjectives,
  type ObjectiveOutcome,
  type ObjectiveVerdict,
  requiredLatency,
} from "./latency/objectives.ts";
export { LatencyRecorder, type LatencySummary } from "./latency/recorder.ts";
export { overlap, rankBiasedOverlap, recallAgainst, sameTop, spearman } from "./metrics/agreement.ts";
export { type Gain, type Judgements, ndcg, precision, recall, reciprocalRank } from "./metrics/relevance.ts";
export { readJudgements } from "./read-judgements.ts";
export { readBeirQueries, readGoldenQueries } from "./read-queries.ts";
export {
  type BootstrapOptions,
  bootstrapMean,
  type Interval,
  trialsToRuleOut,
  wilsonInterval,
} from "./statistics/intervals.ts";
export { type PairedTest, type PairedTestOptions, pairedTest } from "./statistics/paired-test.ts";
export { quantileUpperBound, valuesForBound } from "./statistics/quantile-bound.ts";
export { mean, type Summary, summarize } from "./statistics/summary.ts";
