import { readWords } from "../vocabulary/words.ts";
import { isPlace } from "./describe-constraint.ts";
import { constraintKey, IgnoredParts } from "./ignored.ts";
import type { Lexicon } from "./lexicon.ts";
import { type Constraint, type QuestionPlan, wholeQuestion } from "./plan.ts";
import { understand } from "./understand.ts";

/** Sentences that take a condition back; the group is what they name. */
const takesBack: readonly RegExp[] = [
  /\b(?:(?:does|do)(?: not|n['’]t) (?:(?:have|need) to|necessarily)|need(?: not|n['’]t)) (?:be|come|have|contain)\b(.+)/i,
  /\bdo(?: not|n['’]t) need\b(.+)/i,
  /^(?:please |ok(?:ay)?,? |but |and )*(?:forget|drop|ignore|skip|remove|never ?mind)\b(.+)/i,
  /^(?:not |but not )(?:necessarily|only)\b(.+)/i,
  /^(?!is|are|does|do)(.+?) (?:(?:is|are)(?: not|n['’]t) (?:necessary|needed|required|important)|(?:does|do)(?: not|n['’]t) matter|(?:is|are) (?:fine|ok(?:ay)?|allowed)(?: too| after all)?)\W*$/i,
];

/** Places are taken back without a name. */
const anyPlace = /\b(?:from )?any(?:where| (?:country|region|place|continent))\b/i;

/**
 * The plan before without the conditions that a follow-up takes back: `It does not have to be from India`,
 * `Never mind the nuts`, `Dairy is fine`; `undefined` if it takes none back.
 */
export function withoutGivenUp(
  question: string,
  previous: QuestionPlan,
  lexicon: Lexicon,
): QuestionPlan | undefined {
  const givenUp = previous.constraints.filter(isNamedIn(question, lexicon));
  if (givenUp.length === 0) return undefined;
  const kept = new IgnoredParts(givenUp.map(constraintKey)).without(previous);
  return {
    ...kept,
    question,
    kind: kept.kind === "list" && kept.constraints.length === 0 ? "find" : kept.kind,
    searchText: withoutWords(previous.searchText, givenUp),
    takenAs: wholeQuestion(previous),
    givenUp: [
      ...(previous.givenUp ?? []),
      ...givenUp.map(({ kind, name, isExcluded }) => ({ kind, name, isExcluded })),
    ],
  };
}

/** Whether a follow-up names a condition in order to take it back. */
function isNamedIn(question: string, lexicon: Lexicon): (constraint: Constraint) => boolean {
  const named = takesBack.map((pattern) => pattern.exec(question)?.[1]).find((rest) => rest !== undefined);
  const isAnywhere = anyPlace.test(question);
  if (named === undefined && !isAnywhere) return () => false;
  // `Dairy` alone may be a type of food; what is left out is an allergen.
  const bare = named?.replace(/^\s*(?:the|any|my)\s+/i, "") ?? "";
  const read = [bare, `without ${bare}`].map((text) => understand(text, lexicon));
  const names = new Set(
    read.flatMap(({ constraints }) => constraints.map(({ kind, name }) => `${kind} ${name}`)),
  );
  return (each) => names.has(`${each.kind} ${each.name}`) || (isAnywhere && isPlace(each));
}

/** A search text without the words of conditions. */
function withoutWords(text: string, constraints: readonly Constraint[]): string {
  const gone = new Set(
    constraints.flatMap(({ name, phrases = [] }) =>
      [name, ...phrases].flatMap((each) => readWords(each).map(({ stem }) => stem)),
    ),
  );
  return readWords(text)
    .filter(({ stem }) => !gone.has(stem))
    .map((word) => word.text)
    .join(" ");
}
