import { describe, expect, it } from "vitest";
import { hasExclusion } from "../../src/rag/exclusion.ts";

describe("a question that excludes something", () => {
  it.each([
    "What can I eat if I am allergic to milk?",
    "a vegan dessert",
    "gluten-free bread",
    "cakes free of nuts",
    "Which soups don’t contain meat?",
    "curry WITHOUT coconut",
    "dishes for coeliacs: celiac",
  ])("%s", (question) => expect(hasExclusion(question)).toBe(true));

  it.each(["Which spicy dishes come from India?", "noodles in broth", "knotted bread", "free-range eggs"])(
    "not: %s",
    (question) => expect(hasExclusion(question)).toBe(false),
  );
});
