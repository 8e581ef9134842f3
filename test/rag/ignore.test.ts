import { describe, expect, it } from "vitest";
import { toDocument } from "../../src/foods/food.ts";
import { CatalogBuilder } from "../../src/rag/catalog/builder.ts";
import { summarizePlan } from "../../src/rag/understanding/describe.ts";
import { resolveFollowUp } from "../../src/rag/understanding/follow-up.ts";
import { IgnoredParts } from "../../src/rag/understanding/ignored.ts";
import { Lexicon } from "../../src/rag/understanding/lexicon.ts";
import type { QuestionPlan } from "../../src/rag/understanding/plan.ts";
import { understand } from "../../src/rag/understanding/understand.ts";
import { readVocabulary } from "../../src/rag/vocabulary/vocabulary.ts";

const foods = [
  { id: "1", text: "Biryani is a rice dish.", name: "Biryani", region: "India", allergens: ["milk"] },
  { id: "2", text: "Tempeh is fermented.", name: "Tempeh", region: "Indonesia", diet: ["vegan"] },
  { id: "3", text: "Satay is a snack with nuts.", name: "Satay", region: "Thailand", allergens: ["nuts"] },
];

const builder = new CatalogBuilder();
for (const food of foods) builder.add(toDocument(food));
const lexicon = new Lexicon(builder.build(), readVocabulary());

function plan(question: string, ...ignore: string[]): QuestionPlan {
  return understand(question, lexicon, new IgnoredParts(ignore));
}

function keysOf(understood: QuestionPlan): string[] {
  const { corrections, foods: named, constraints } = summarizePlan(understood);
  return [...corrections, ...named, ...constraints].map(({ key }) => key);
}

describe("understood parts of a question can be switched off (RAG-12)", () => {
  it.each([
    ["vegan food without nuts", ["diet:vegan", "excluded:nuts"]],
    ["What is in biryanni?", ["spelling:biryanni", "food:biryani"]],
    ["food from India or Thailand", ["region:india or thailand"]],
    ["food that is not from India and not vegan", ["not:india", "not:vegan"]],
  ])("each part has a key: %s", (question, keys) => {
    expect(keysOf(plan(question))).toEqual(keys);
  });

  it.each([
    ["vegan food without nuts", "diet:vegan", ["excluded:nuts"]],
    ["vegan food without nuts", "excluded:nuts", ["diet:vegan"]],
    ["food from India or Thailand", "region:India or Thailand", []],
    ["vegan food that is not from India", "not:india", ["diet:vegan"]],
    ["What is in biryanni?", "spelling:biryanni", []],
    ["What is in biryani?", "food:Biryani", []],
  ])("%s, ignoring %s", (question, ignore, left) => {
    expect(keysOf(plan(question, ignore))).toEqual(left);
  });

  it("does not search for the words of an ignored condition", () => {
    const { searchText, terms } = plan("vegan rice dish", "diet:vegan");
    expect(searchText).toBe("rice dish");
    expect(terms).not.toContain("vegan");
  });

  it("searches for the words of an ignored food as for any others", () => {
    const { kind, searchText, terms } = plan("biryani with rice", "food:biryani");
    expect(kind).not.toBe("fact");
    expect(searchText).toContain("biryani");
    expect(terms.join(" ")).toContain("biryani");
  });

  it("leaves a condition of an earlier question out of a follow-up", () => {
    const history = [{ question: "vegan snacks without nuts", answer: "" }];
    const follow = (...ignore: string[]) =>
      keysOf(
        resolveFollowUp(
          plan("which of them are from Indonesia?", ...ignore),
          history,
          lexicon,
          new IgnoredParts(ignore),
        ),
      );
    expect(follow()).toContain("diet:vegan");
    expect(follow("diet:vegan")).not.toContain("diet:vegan");
    expect(follow("diet:vegan")).toContain("excluded:nuts");
  });

  it("leaves what an earlier answer ignored out of all follow-ups", () => {
    const history = [
      { question: "vegan snacks without nuts", answer: "", ignore: ["diet:vegan"] },
      { question: "from Indonesia", answer: "", ignore: ["excluded:nuts"] },
    ];
    const follow = (question: string) => keysOf(resolveFollowUp(plan(question), history, lexicon));
    expect(follow("which of them are without milk?")).toEqual(["region:indonesia", "excluded:milk"]);
    expect(follow("and vegan ones?")).toContain("diet:vegan");
  });

  it("keeps a diet to which a follow-up adds another, and replaces one of the same scale", () => {
    const history = [{ question: "vegan snacks", answer: "" }];
    const follow = (question: string) => keysOf(resolveFollowUp(plan(question), history, lexicon));
    expect(follow("which of them are gluten-free?")).toEqual(
      expect.arrayContaining(["diet:vegan", "diet:gluten-free"]),
    );
    expect(follow("and vegetarian ones?")).not.toContain("diet:vegan");
  });

  it.each([
    ["snacks without dairy", "milk", "dairy"],
    ["plant-based snacks", "vegan", "plant based"],
    ["snacks that are not from the Netherlands or Denmark", "Netherlands", undefined],
    ["vegan snacks", "vegan", undefined],
    ["Indian snacks", "India", undefined],
  ])("says how the question writes a condition if it uses other words: %s", (question, name, written) => {
    expect(plan(question).constraints.find((each) => each.name === name)?.written).toBe(written);
  });

  it("leaves it out of a plan that the history carries", () => {
    const history = [{ question: "vegan snacks", answer: "", plan: plan("vegan snacks") }];
    const ignored = new IgnoredParts(["diet:vegan"]);
    const resolved = resolveFollowUp(plan("and without nuts?"), history, lexicon, ignored);
    expect(keysOf(resolved)).not.toContain("diet:vegan");
  });
});
