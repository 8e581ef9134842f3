import type { NamespaceOptions } from "../../store/store.ts";
import { type Interval, wilsonInterval } from "../statistics/intervals.ts";
import type { GoldenQuestion } from "./golden-question.ts";
import { type JudgedAnswer, judgeAnswer, type Outcome } from "./judge.ts";

/** What answers the questions: ragfood's engine, or anything with its `ask`. */
export interface Answerer {
  ask(
    question: string,
    options: NamespaceOptions & {
      readonly history: readonly { readonly question: string; readonly answer: string }[];
    },
  ): Promise<JudgedAnswer>;
}

export interface EvaluateAnswersOptions extends NamespaceOptions {
  readonly onProgress?: (done: number, total: number) => void;
}

export interface AnswerEvaluation {
  readonly id: string;
  readonly kind: string;
  readonly split?: string | undefined;
  readonly question: string;
  readonly outcome: Outcome;
  /** Whether a right record is among the first 3 sources; `undefined` for a question that should be declined. */
  readonly isFound?: boolean;
  /** What is missing or wrong, in words. */
  readonly faults: readonly string[];
  readonly answer: string;
  /** Ids, best first. */
  readonly sources: readonly string[];
}

/** A share with its 95 % interval (Wilson). */
export interface Share extends Interval {
  readonly hits: number;
  readonly count: number;
}

export interface AnswerFigures {
  readonly count: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly well: Share;
  readonly misleading: Share;
  /** Of the questions that the data can answer; `undefined` if none can be. */
  readonly found?: Share;
}

export interface AnswersReport {
  readonly questions: readonly AnswerEvaluation[];
  readonly total: AnswerFigures;
  /** In the order in which the kinds first occur. */
  readonly kinds: Readonly<Record<string, AnswerFigures>>;
}

/**
 * Asks every question and judges the answers. The questions of a `history` are asked first, and their answers
 * passed on, as a conversation does.
 *
 * @throws what the engine throws, at the first question that fails
 */
export async function evaluateAnswers(
  engine: Answerer,
  questions: readonly GoldenQuestion[],
  options: EvaluateAnswersOptions = {},
): Promise<AnswersReport> {
  const { onProgress, ...scope } = options;
  const evaluated: AnswerEvaluation[] = [];
  for (const question of questions) {
    const history: { question: string; answer: string }[] = [];
    for (const earlier of question.history) {
      const { text } = await engine.ask(earlier, { ...scope, history });
      history.push({ question: earlier, answer: text });
    }
    const answer = await engine.ask(question.question, { ...scope, history });
    const { outcome, isFound, faults } = judgeAnswer(question, answer);
    evaluated.push({
      id: question.id,
      kind: question.kind,
      split: question.split,
      question: question.question,
      outcome,
      ...(!question.declined && { isFound }),
      faults,
      answer: answer.text,
      sources: answer.sources.map(({ id }) => id),
    });
    onProgress?.(evaluated.length, questions.length);
  }
  return summarizeAnswers(evaluated);
}

/** The figures over all questions, and by kind. */
function summarizeAnswers(questions: readonly AnswerEvaluation[]): AnswersReport {
  const kinds = [...new Set(questions.map(({ kind }) => kind))];
  return {
    questions,
    total: figuresOf(questions),
    kinds: Object.fromEntries(
      kinds.map((kind) => [kind, figuresOf(questions.filter((question) => question.kind === kind))]),
    ),
  };
}

function figuresOf(questions: readonly AnswerEvaluation[]): AnswerFigures {
  const outcomes: Record<Outcome, number> = { well: 0, partly: 0, wrong: 0, declined: 0, misleading: 0 };
  for (const { outcome } of questions) outcomes[outcome]++;
  const answerable = questions.filter(({ isFound }) => isFound !== undefined);
  const found = answerable.filter(({ isFound }) => isFound).length;
  return {
    count: questions.length,
    outcomes,
    well: shareOf(outcomes.well, questions.length),
    misleading: shareOf(outcomes.misleading, questions.length),
    ...(answerable.length > 0 && { found: shareOf(found, answerable.length) }),
  };
}

/** @param count at least 1 */
function shareOf(hits: number, count: number): Share {
  return { hits, count, ...wilsonInterval(hits, count) };
}
