import type { QuestionPlan } from "./understanding/plan.ts";

/** Words with which a question excludes something. */
const exclusion =
  /\b(?:allerg\w*|intoleran\w*|co?eliac|vegan|vegetarian|without|avoid\w*|except|excluding|free (?:of|from)|\w+-free|no|not|never)\b|n['’]t\b/iu;

/** Notice for an answer whose question excludes something. */
export const exclusionAdvice =
  "Search also finds what a question excludes. Filter by the records' fields instead, such as allergens NOT CONTAINS 'milk' or diet CONTAINS 'vegan', and check the ingredients yourself.";

/** Whether a question excludes something, which search ignores. Detects English words only. */
export function hasExclusion(question: string): boolean {
  return exclusion.test(question);
}

/** Whether the plan excludes something that the question excludes. */
export function respectsExclusion({ constraints, asked, foods }: QuestionPlan): boolean {
  return (
    foods.length > 0 ||
    constraints.some(({ kind, isExcluded }) => isExcluded || kind === "diet" || kind === "allergen") ||
    asked.diets.length + asked.allergens.length + asked.ingredients.length > 0
  );
}
