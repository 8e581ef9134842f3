import { describe, expect, it } from "vitest";
import { type GoldenQuestion, type JudgedAnswer, judgeAnswer } from "../../../src/evaluation/index.ts";

const question = (parts: Partial<GoldenQuestion>): GoldenQuestion => ({
  id: "q",
  question: "?",
  kind: "find",
  history: [],
  relevant: new Set(["hummus"]),
  facts: [],
  forbidden: [],
  all: false,
  sole: false,
  declined: false,
  ...parts,
});

const answer = (text: string, foods: Record<string, object>, generator = "extractive"): JudgedAnswer => ({
  text,
  generator,
  sources: Object.entries(foods).map(([id, metadata], place) => ({
    number: place + 1,
    id,
    metadata: { name: id, ...metadata },
  })),
});

const outcome = (parts: Partial<GoldenQuestion>, given: JudgedAnswer) =>
  judgeAnswer(question(parts), given).outcome;

describe("judgeAnswer (OPS-5)", () => {
  it.each([
    ["well", "Yes. Hummus is vegan [1]."],
    ["partly", "It is a dip of chickpeas [1]."],
    ["misleading", "Not vegan at all [1]."],
  ])("finds an answer %s", (expected, text) => {
    const asked = { facts: [["^yes", "hummus is vegan"]], forbidden: ["not vegan"] };
    expect(outcome(asked, answer(text, { hummus: {} }))).toBe(expected);
  });

  it("requires a correct record among the first three sources, and a citation", () => {
    const foods = { a: {}, b: {}, c: {}, hummus: {} };
    expect(outcome({}, answer("A dip [4].", foods))).toBe("wrong");
    expect(outcome({}, answer("A dip [2].", { hummus: {}, b: {} }))).toBe("wrong");
    expect(outcome({}, answer("A dip [1, 2].", { b: {}, hummus: {} }))).toBe("well");
  });

  it("takes sources that the text names if it cites none", () => {
    expect(outcome({}, answer("Hummus is a dip.", { hummus: {} }))).toBe("well");
    expect(outcome({}, answer("A dip.", { hummus: {} }))).toBe("wrong");
  });

  it("compares words without accents, with word starts, and whole numbers", () => {
    const says = (fact: string, text: string) =>
      outcome({ facts: [[fact]] }, answer(`${text} [1]`, { hummus: {} })) === "well";
    expect(says("egg", "It has eggs")).toBe(true);
    expect(says("creme brulee", "Crème Brûlée")).toBe(true);
    expect(says("25 kcal", "125 kcal")).toBe(false);
    expect(says("25", "250 kcal")).toBe(false);
    expect(says("^no", "Nougat")).toBe(false);
    expect(says("^no", "No, it has milk")).toBe(true);
  });

  it("refuses another food as the source of a fact", () => {
    expect(outcome({ sole: true }, answer("It is vegan [1] [2].", { hummus: {}, naan: {} }))).toBe(
      "misleading",
    );
  });

  it("requires every record of a comparison", () => {
    const relevant = new Set(["hummus", "naan"]);
    expect(outcome({ relevant, all: true }, answer("A [1].", { hummus: {}, naan: {} }))).toBe("partly");
    expect(outcome({ relevant, all: true }, answer("A [1] and B [2].", { hummus: {}, naan: {} }))).toBe(
      "well",
    );
  });

  it.each([
    ["an allergen", { free: ["nuts"] }, { allergens: ["nuts"] }],
    ["what it may contain", { free: ["nuts"] }, { allergens: [], mayContain: ["nuts"] }],
    ["a missing diet", { diet: ["vegan"] }, { diet: ["vegetarian"] }],
    ["alcohol", { alcohol: false as const }, { alcohol: true }],
    ["alcohol that is not recorded", { alcohol: false as const }, {}],
  ])("finds a list misleading for %s, cited or not", (_, safe, metadata) => {
    const judgement = judgeAnswer(
      question({ safe }),
      answer("Hummus [1].", { hummus: { diet: ["vegan"], alcohol: false }, b: metadata }),
    );
    expect(judgement.outcome).toBe("misleading");
    expect(judgement.faults[0]).toMatch(/^b /);
  });

  it("distinguishes rightly declined, wrongly declined and wrongly answered", () => {
    const nothing = answer("I found nothing.", {}, "none");
    expect(outcome({ declined: true, relevant: new Set() }, nothing)).toBe("well");
    expect(outcome({}, nothing)).toBe("declined");
    expect(outcome({ declined: true, relevant: new Set() }, answer("Paris [1]", { hummus: {} }))).toBe(
      "misleading",
    );
  });
});
