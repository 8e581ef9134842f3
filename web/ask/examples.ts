/** Questions of different kinds: each shows something else that ragfood can do. */
export const examples: readonly { readonly kind: string; readonly question: string }[] = [
  { kind: "A fact", question: "How many calories does hummus have?" },
  { kind: "An allergy", question: "Is pad thai safe with a peanut allergy?" },
  { kind: "Conditions", question: "Vegan African stews without nuts" },
  { kind: "A comparison", question: "Compare tonkotsu ramen and pho bo" },
  { kind: "The most or the least", question: "Which dessert has the least energy?" },
  { kind: "An idea", question: "A warming soup for a cold evening" },
];

/** Two questions for someone whose question was declined: other ones than the one that was asked. */
export function otherExamples(question: string): string[] {
  return examples
    .map((each) => each.question)
    .filter((each) => each !== question)
    .slice(1, 3);
}
