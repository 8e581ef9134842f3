import { type Catalog, fieldsOf } from "../catalog/catalog.ts";
import type { FieldRole } from "../vocabulary/vocabulary.ts";

/** `hello`, `What can you do?` */
const greets =
  /^\W*(?:help(?: me)?|hello(?: there)?|hi(?: there)?|hey|good (?:morning|evening)|thanks?(?: you)?|what (?:can|do) (?:you|i) (?:do|know|ask)(?: you)?(?: here)?|who are you|what are you|are you an? \w+|how does this work)\W*$/i;

const records = "(?:foods?|records?|dish(?:es)?|recipes?|entries|documents?|items?|things?)";

/** `How many foods are in your data?` */
const countsAll = new RegExp(
  `^\\W*(?:how many|the number of|number of) (?:different )?${records}(?: (?:are|is|do|does|have|has|there|you|we|it|in|know|hold|contain|of|the|your|this|data|database|index|dataset|collection|altogether|in total|total))*\\W*$`,
  "i",
);

/** What a question calls the values of a field. */
const nouns: Readonly<Partial<Record<FieldRole, RegExp>>> = {
  region: /^(?:countr|region|place|cuisine)/i,
  continent: /^continent/i,
  type: /^(?:type|kind|categor)/i,
  diet: /^diet/i,
  allergens: /^allergen/i,
  ingredients: /^ingredient/i,
};

/** `How many countries do you cover?`, `Which countries do you know?` */
const countsValues =
  /^\W*(?:how many|which|what) (?:different )?(\p{L}+)(?: of (?:food|dish(?:es)?|record)s?)? (?:do you|does (?:it|the data)|are (?:there|in))(?: (?:know|have|cover|hold|contain|list|in|your|the|this|data|database|index|altogether|in total))*\W*$/iu;

/** Whether a question is about the data itself. */
export function asksAboutData(question: string): boolean {
  return greets.test(question) || countsAll.test(question) || roleCounted(question) !== undefined;
}

/** The field whose values a question counts. */
export function roleCounted(question: string): FieldRole | undefined {
  const noun = countsValues.exec(question)?.[1];
  if (noun === undefined) return undefined;
  return (Object.keys(nouns) as FieldRole[]).find((role) => nouns[role]?.test(noun));
}

/** Values that an answer lists. */
const mostListed = 8;

/** How many values a field has, and the most frequent ones; `undefined` if the records do not have it. */
export function describeValues(role: FieldRole, catalog: Catalog): string | undefined {
  const [field] = fieldsOf(catalog, role);
  if (field === undefined) return undefined;
  const { values } = field;
  const listed = values.slice(0, mostListed).map(([value, count]) => `${value} (${count})`);
  const few = values.length > mostListed ? "the most frequent are" : "they are";
  return `The records have ${values.length} values of ${field.field}; ${few} ${listed.join(", ")}.`;
}
