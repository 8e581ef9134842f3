import type { FacetsResponse } from "../service/contract.ts";
import type { Turn } from "./turn.ts";

/** A question that shows something that ragfood can do. */
export interface Example {
  readonly kind: string;
  readonly question: string;
}

/** Questions of different kinds about food. */
const foodExamples: readonly Example[] = [
  { kind: "A fact", question: "How many calories does hummus have?" },
  { kind: "An allergy", question: "Is pad thai safe with a peanut allergy?" },
  { kind: "Conditions", question: "Vegan African stews without nuts" },
  { kind: "A comparison", question: "Compare tonkotsu ramen and pho bo" },
  { kind: "The most or the least", question: "Which dessert has the least energy?" },
  { kind: "An idea", question: "A warming soup for a cold evening" },
];

/** Questions that the data can answer: of records about something else than food, with their names and values. */
export function examplesFor({ isAboutFood, facets }: FacetsResponse): readonly Example[] {
  if (isAboutFood) return foodExamples;
  const textsOf = ({ values }: FacetsResponse["facets"][number]) =>
    values.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  const titles = facets.filter(({ field }) => /^(?:name|title)$/i.test(field)).flatMap(textsOf);
  const [first, second] = titles.filter((title) => title.split(/\s+/).length <= longestName);
  // A title that is longer is a sentence: it can be searched for, but not asked what it is.
  const [sentence] = titles.filter((title) => title.split(/\s+/).length > longestName);
  const [words] = facets
    .filter(
      ({ field, values }) =>
        !/^(?:name|title)$/i.test(field) && values.length > 1 && (values[0]?.count ?? 0) > 1,
    )
    .map(textsOf)
    .sort((left, right) => right.length - left.length);
  return [
    ...(first === undefined ? [] : [{ kind: "A record", question: `What is ${first}?` }]),
    ...(first === undefined || second === undefined
      ? []
      : [{ kind: "A comparison", question: `Compare ${first} and ${second}` }]),
    ...(sentence === undefined ? [] : [{ kind: "A record", question: sentence }]),
    ...(words?.[0] === undefined ? [] : [{ kind: "Words", question: words[0] }]),
  ];
}

/** Words of a title that is a name. */
const longestName = 3;

/** Two questions for someone whose question was declined: other ones than the one that was asked. */
export function otherExamples({ question, plan }: Turn): string[] {
  if (plan?.noun !== undefined) return [];
  return foodExamples
    .map((each) => each.question)
    .filter((each) => each !== question)
    .slice(1, 3);
}
