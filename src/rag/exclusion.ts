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
