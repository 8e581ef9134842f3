import { type PairedTest, pairedTest } from "../statistics/paired-test.ts";
import type { AnswerEvaluation, AnswersReport } from "./evaluate-answers.ts";

interface AnswerChange {
  readonly id: string;
  readonly question: string;
  readonly before: AnswerEvaluation["outcome"];
  readonly after: AnswerEvaluation["outcome"];
}

/** Two runs over the same questions, side by side. */
export interface AnswersComparison {
  /** Questions that both runs asked. */
  readonly count: number;
  /** Ids that only one run asked; they are not compared. */
  readonly unpaired: readonly string[];
  /** On the share answered well. */
  readonly well: PairedTest;
  /** On the share that misleads. */
  readonly misleading: PairedTest;
  readonly changes: readonly AnswerChange[];
}

/** Compares runs question by question, with Fisher's paired randomisation test. */
export function compareAnswers(
  before: Pick<AnswersReport, "questions">,
  after: Pick<AnswersReport, "questions">,
): AnswersComparison {
  const earlier = new Map(before.questions.map((question) => [question.id, question]));
  const pairs = after.questions.flatMap((question) => {
    const partner = earlier.get(question.id);
    return partner ? [{ before: partner, after: question }] : [];
  });
  const paired = new Set(pairs.map(({ after: { id } }) => id));
  const test = (outcome: AnswerEvaluation["outcome"]) =>
    pairedTest(
      pairs.map((pair) => Number(pair.after.outcome === outcome) - Number(pair.before.outcome === outcome)),
    );
  return {
    count: pairs.length,
    unpaired: [...before.questions, ...after.questions].map(({ id }) => id).filter((id) => !paired.has(id)),
    well: test("well"),
    misleading: test("misleading"),
    changes: pairs
      .filter((pair) => pair.before.outcome !== pair.after.outcome)
      .map((pair) => ({
        id: pair.after.id,
        question: pair.after.question,
        before: pair.before.outcome,
        after: pair.after.outcome,
      })),
  };
}
