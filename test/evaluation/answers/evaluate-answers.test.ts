import { describe, expect, it } from "vitest";
import {
  type Answerer,
  compareAnswers,
  evaluateAnswers,
  readGoldenQuestions,
} from "../../../src/evaluation/index.ts";
import { temporaryFile } from "../../helpers/temporary.ts";

const golden = JSON.stringify([
  { id: "a", kind: "find", question: "dip?", relevant: ["hummus"] },
  { id: "b", kind: "find", split: "test", question: "bread?", relevant: { naan: 2 }, facts: ["soft"] },
  { id: "c", kind: "follow-up", question: "And its origin?", history: ["dip?"], relevant: ["hummus"] },
  { id: "d", kind: "scope", question: "Paris?", declined: true },
]);

/** Answers from a table; follow-ups with the subject of the first question. */
function engine(table: Record<string, string>): Answerer & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async ask(question, { history }) {
      const place = [question, ...history.map((exchange) => exchange.answer)].join(" < ");
      asked.push(place);
      const id = table[place];
      return id === undefined
        ? { text: "Nothing.", generator: "none", sources: [] }
        : { text: `${id} [1]`, generator: "table", sources: [{ number: 1, id, metadata: {} }] };
    },
  };
}

describe("evaluateAnswers (OPS-5)", () => {
  it("asks the questions of a history first, and gives the figures by kind with intervals", async () => {
    const questions = await readGoldenQuestions(temporaryFile(golden));
    const answerer = engine({ "dip?": "hummus", "And its origin? < hummus [1]": "hummus", "Paris?": "naan" });
    const report = await evaluateAnswers(answerer, questions);
    expect(answerer.asked).toEqual(["dip?", "bread?", "dip?", "And its origin? < hummus [1]", "Paris?"]);
    expect(report.questions.map(({ outcome }) => outcome)).toEqual([
      "well",
      "declined",
      "well",
      "misleading",
    ]);
    expect(report.kinds.find).toMatchObject({
      count: 2,
      well: { hits: 1, count: 2 },
      found: { hits: 1, count: 2 },
    });
    expect(report.kinds.scope?.found).toBeUndefined();
    expect(report.total.misleading).toMatchObject({ hits: 1, count: 4 });
    expect(report.total.well.low).toBeLessThan(0.5);
  });

  it("compares two runs question by question", async () => {
    const questions = await readGoldenQuestions(temporaryFile(golden));
    const before = await evaluateAnswers(engine({}), questions);
    const after = await evaluateAnswers(engine({ "dip?": "hummus" }), questions.slice(0, 3));
    const comparison = compareAnswers(before, after);
    expect(comparison).toMatchObject({ count: 3, unpaired: ["d"] });
    expect(comparison.well.meanDifference).toBeCloseTo(1 / 3, 12);
    expect(comparison.changes).toEqual([{ id: "a", question: "dip?", before: "declined", after: "well" }]);
  });
});

describe("readGoldenQuestions", () => {
  it.each([
    ["neither a record nor declined", { id: "a", question: "q" }, /has to name a record/],
    [
      "a record of a declined question",
      { id: "a", question: "q", relevant: ["x"], declined: true },
      /or the question be declined/,
    ],
    [
      "a rule that does not exist",
      { id: "a", question: "q", relevant: ["x"], safe: { vegan: true } },
      /"safe/,
    ],
  ])("names what is wrong: %s", async (_, value, message) => {
    await expect(readGoldenQuestions(temporaryFile(JSON.stringify([value])))).rejects.toThrow(message);
  });
});
