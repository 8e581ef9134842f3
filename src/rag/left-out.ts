/** Words by which a question says what the answer is not to hold. */
const exclusion =
  /\b(?:allerg\w*|intoleran\w*|co?eliac|vegan|vegetarian|without|avoid\w*|except|excluding|free (?:of|from)|\w+-free|no|not|never)\b|n['’]t\b/iu;

/** Told with an answer whose question wants something left out. */
export const leftOutAdvice =
  "Search finds what a question names, also what it wants left out. Filter by the records' fields instead, such as allergens NOT CONTAINS 'milk' or diet CONTAINS 'vegan', and check the ingredients yourself.";

/** Whether a question excludes something, which neither words nor vectors respect. Judged by English words. */
export function wantsLeftOut(question: string): boolean {
  return exclusion.test(question);
}
