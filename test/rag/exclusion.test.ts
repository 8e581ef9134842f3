import { describe, expect, it } from "vitest";
import { exclusionAdvice, exclusionNotice } from "../../src/rag/exclusion.ts";
import { literalPlan } from "../../src/rag/understanding/plan.ts";

const noticeOf = (question: string, ignored: readonly string[] = []) =>
  exclusionNotice(literalPlan(question), ignored);

describe("a question that excludes something", () => {
  it.each([
    "What can I eat if I am allergic to milk?",
    "a vegan dessert",
    "gluten-free bread",
    "cakes free of nuts",
    "Which soups don’t contain meat?",
    "curry WITHOUT coconut",
    "dishes for coeliacs: celiac",
  ])("the advice on exclusions is given: %s", (question) => expect(noticeOf(question)).toBe(exclusionAdvice));

  it.each(["Which spicy dishes come from India?", "noodles in broth", "knotted bread", "free-range eggs"])(
    "no advice on exclusions is given: %s",
    (question) => expect(noticeOf(question)).toBeUndefined(),
  );

  it("names what the caller took back, instead of advice that the caller has no use for", () => {
    expect(noticeOf("a soup without dairy", ["excluded:milk", "food:rasam"])).toBe(
      "These foods were not checked for what you took back: milk.",
    );
  });

  it("has nothing to say of a place that was taken back", () => {
    const plan = { ...literalPlan("not from Europe"), notRequired: [] };
    expect(exclusionNotice(plan, ["not:europe"])).toBeUndefined();
  });
});
