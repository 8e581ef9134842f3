import {
  type AnswersReport,
  evaluateAnswers,
  type GoldenQuestion,
  pairedTest,
  percent,
  readGoldenQuestions,
} from "../../dist/evaluation/index.js";
import { atLeast, atMost, foodsFile, type Measure, withIndex } from "./measure.ts";
import { openMiniSearch } from "./minisearch.ts";

type AnswerEvaluation = AnswersReport["questions"][number];

/** Kinds whose wrong answers can harm. */
const safetyKinds = ["diet", "allergen", "exclusion"];

/** Top 3: the sources that an answer is made of. */
const depth = 3;

/** The golden questions of one split: answers, and the right food in the top 3 beside MiniSearch. */
export async function measureGolden(
  split: string,
): Promise<{ measures: Measure[]; kinds: string[][]; questions: number }> {
  const questions = (await readGoldenQuestions("data/golden-queries.json")).filter(
    (question) => question.split === split,
  );
  const report = await withIndex(foodsFile, ({ engine }) => evaluateAnswers(engine, questions));
  const search = openMiniSearch(foodsFile);
  const peer = new Map(
    // The peer gets the questions before as well: it has no other way to know what a follow-up is about.
    questions.map(({ id, history, question, relevant }) => [
      id,
      search([...history, question].join(" "), depth).some((found) => relevant.has(found)),
    ]),
  );
  const rows = Object.entries(report.kinds).map(([kind, figures]) => {
    const asked = report.questions.filter((each) => each.kind === kind && each.isFound !== undefined);
    const found = asked.filter(({ isFound }) => isFound).length;
    const theirs = asked.filter(({ id }) => peer.get(id)).length;
    return [
      kind,
      String(figures.count),
      `${percent(figures.well.hits / figures.count)} (${percent(figures.well.low, 0)} to ${percent(figures.well.high, 0)})`,
      String(figures.misleading.hits),
      asked.length === 0 ? "–" : percent(found / asked.length),
      asked.length === 0 ? "–" : percent(theirs / asked.length),
    ];
  });
  return { measures: measuresOf(report.questions, peer), kinds: rows, questions: questions.length };
}

function measuresOf(
  questions: readonly AnswerEvaluation[],
  peer: ReadonlyMap<GoldenQuestion["id"], boolean>,
): Measure[] {
  const count = (test: (question: AnswerEvaluation) => boolean, among = questions) =>
    among.filter(test).length;
  const isMisleading = ({ outcome }: AnswerEvaluation) => outcome === "misleading";
  const safety = questions.filter(({ kind }) => safetyKinds.includes(kind));
  const others = questions.filter(({ kind }) => !safetyKinds.includes(kind));
  const answerable = questions.filter(({ isFound }) => isFound !== undefined);
  const outside = questions.filter(({ isFound }) => isFound === undefined);
  const misspelt = questions.filter(({ kind }) => kind === "spelling");
  const found = ({ isFound }: AnswerEvaluation) => isFound === true;
  const leads = [...new Set(answerable.map(({ kind }) => kind))].map((kind) => {
    const asked = answerable.filter((question) => question.kind === kind);
    return { kind, lead: count(found, asked) - count(({ id }) => peer.get(id) === true, asked) };
  });
  const kindsWhere = (holds: (lead: number) => boolean) =>
    leads
      .filter(({ lead }) => holds(lead))
      .map(({ kind }) => kind)
      .join(", ") || "no kind";
  const test = pairedTest(
    answerable.map((question) => Number(found(question)) - Number(peer.get(question.id) === true)),
  );
  const theirs = count(({ id }) => peer.get(id) === true, answerable);
  return [
    atLeast(
      "answered well",
      count(({ outcome }) => outcome === "well"),
      questions.length,
      0.85,
    ),
    atMost("misleading on diet and allergy", count(isMisleading, safety), safety.length, 0),
    atMost("misleading elsewhere", count(isMisleading, others), others.length, 0.02),
    atLeast("right food in the top 3", count(found, answerable), answerable.length, 0.95),
    {
      name: "beside MiniSearch, fuzzy 0.2, name boosted",
      result: `${percent(theirs / answerable.length)} (difference ${percent(test.meanDifference)}, p = ${test.pValue.toFixed(4)}); behind in ${kindsWhere((lead) => lead < 0)}, level in ${kindsWhere((lead) => lead === 0)}`,
      bar: "ahead in every kind",
      isMet: leads.every(({ lead }) => lead > 0),
    },
    atLeast("misspelt: right food in the top 3", count(found, misspelt), misspelt.length, 0.9),
    atLeast(
      "out of scope declined",
      count(({ outcome }) => outcome === "well", outside),
      outside.length,
      0.9,
    ),
    atMost(
      "in scope declined",
      count(({ outcome }) => outcome === "declined", answerable),
      answerable.length,
      0.03,
    ),
  ];
}
