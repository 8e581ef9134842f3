import { phraseKey, readWords, type Word } from "../vocabulary/words.ts";
import type { Degree } from "./degrees.ts";
import { isPlace, isProperty } from "./describe-constraint.ts";
import type { Lexicon } from "./lexicon.ts";
import { asksAnything, type Constraint, type QuestionKind } from "./plan.ts";
import type { Reading } from "./reading.ts";
import { comparing, isOneOfAll } from "./subjects.ts";

/** A question that two foods have to answer. */
const comparesTwo =
  /\b(?:differences? between|compare|comparison (?:of|between))\b.+\b(?:and|to|with)\b|^\W*(?:which|what) (?:is|are|has|have|contains?) (?:health(?:y|ier)|good|better|bad|worse|more|less|fewer)\b.+\bor\b|\b(?:versus|vs)\b/i;

/** The same without words that choices have, too. */
const wantsComparison = /\b(?:compare|comparison|difference between|versus|vs)\b/i;

/** A question for several foods, or for any food that meets its conditions. */
const wantsFoods =
  /\b(?:which|what|show|list|name|give|suggest|recommend|any|some|something|anything|ideas?|options?|find|foods?|dishes|recipes|things?)\b/i;

/** Words that only a question about food has. */
const speaksOfEating =
  /\b(?:foods?|eat|eats|eating|eaten|dish|dishes|meals?|recipes?|cook|cooking|cuisine|snacks?|drinks?|desserts?|breakfast|lunch|dinner|supper|vegan|vegetarian|gluten|taste|tasty|delicious|ingredients?|soups?|salads?|cakes?|bread|fruits?|vegetables?)\b/i;

/** `What time is it in Tokyo?` */
const asksForNow =
  /^\W*what(?:['’]s| is)? (?:the )?(?:time|date|day|weather|temperature) (?:is it\b|in\b|now\b|today\b)/i;

/** Words that ask what harms. */
export const speaksOfDanger: RegExp =
  /\b(?:safe\w*|unsafe|suitable|pregnan\w*|breastfeeding|toxic|poison\w*|danger\w*|harm\w*|bad for|avoid|deadly|edible|inedible|raw|undercooked|give|feed|have)\b/i;

/** `Is X vegan?`, `Does X contain nuts?` */
const asksAboutOne =
  /^(?:is|are|does|do|can|could)\s+(?!(?:there|any|some|you|i|we|people|vegans?|vegetarians?)\b)(?:[\w'-]+\s+)/i;

/** `What can I use instead of butter?`: foods without butter are no answer. */
const asksForSubstitute = /^what (?:can|could|should|do) (?:i|we|you) use (?:instead|in place) of\b/i;

const asksWhatIsIn = /^(?:what(?:['’]s| is| goes)|which ingredients are) in(?:to)? (?:an?|the)\b/i;

/** `Is there milk in X?` */
const asksIfThereIn = /^(?:is|are) there (?:any |some )?.{1,40}? in\b/i;

/** `Can I eat X with a nut allergy?` */
const asksToEatOne =
  /^(?:can|could|may|should)\s+(?:i|we|you|people|vegans?|vegetarians?)\s+(?:eat|have|drink)\s+(?!any|some|something|anything|at|for|in|on|out)\w/i;

/** `Is it safe to eat raw chicken?` */
const asksIfSafe = /^is it (?:ok|okay|fine|safe|dangerous|all right) to (?:eat|drink|have|give|feed)\b/i;

const underdone = /\b(?:raw|rare|undercooked|underdone|pink|expired|out of date|mou?ldy)\b/i;

/** What the kind of a question depends on. */
export interface KindScope {
  readonly text: string;
  readonly words: readonly Word[];
  readonly reading: Reading;
  /** Stems of its words that neither a filter nor a name covers. */
  readonly terms: readonly string[];
  readonly lexicon: Lexicon;
  readonly degree: Degree | undefined;
  readonly isCorrected: (word: string) => boolean;
}

/** Which kind of answer a question asks for. */
export function kindOf(scope: KindScope): QuestionKind {
  const { text, words, reading, terms, lexicon, degree } = scope;
  const { foods, constraints, facts } = reading;
  const { frequencies } = lexicon.catalog;
  // Without records, or if they could not be read, nothing is known to be outside: the store has to answer.
  if (frequencies.size === 0) return "find";
  if (isOutside(scope)) return "outside";
  if (foods.length > 1 ? comparing.test(text) : foods.length === 1 && wantsComparison.test(text))
    return "compare";
  if (facts.includes("energy") && foods.length === 0 && isOneOfAll.test(text)) return "superlative";
  if (foods.length > 0) return foods.length > 1 && degree !== undefined ? "compare" : "fact";
  if (degree !== undefined) {
    const bases = readWords(degree.base).map(({ stem }) => stem);
    const others = terms.filter(
      (stem) => bases.includes(stem) || !readWords(degree.written).some((each) => each.stem === stem),
    );
    // Without a figure and any other word nothing can be named, nor found.
    if (degree.field !== undefined || others.length + constraints.length === 0) return "superlative";
  }
  const isUnknown = (stem: string) => !frequencies.has(stem);
  if (constraints.length === 0 && terms.length > 0) {
    // `What is 2 + 2?`, but not `4999`, which may be a part of a text.
    if (terms.every(isUnknown) || (terms.every(isNumber) && words.length > terms.length)) return "outside";
  }
  // Articles or reports may answer a question about a food without a record of its own.
  if (lexicon.holdsFoods && asksForUnrecorded(text, terms, reading, isUnknown)) return "outside";
  // What someone must avoid decides about the whole answer.
  if (constraints.some(({ kind, isExcluded }) => kind === "diet" || isExcluded)) return "list";
  if (constraints.length > 0 && (wantsFoods.test(text) || words.length < 8)) return "list";
  return "find";
}

/** Whether a question is about something else than food. */
function isOutside({ text, reading, terms, lexicon, isCorrected }: KindScope): boolean {
  const { foods, constraints, facts } = reading;
  if (asksForNow.test(text)) return true;
  // No record of a food says why something that it does not name is so; an article may.
  if (lexicon.holdsFoods && facts.includes("reason") && foods.length === 0) return true;
  const isEating = speaksOfEating.test(text);
  // `What is a good name for my dog?`
  const speaksOfAnimals = facts.includes("safety") && foods.length + constraints.length === 0;
  if (lexicon.holdsFoods && speaksOfAnimals && !isEating && !speaksOfDanger.test(text)) return true;
  // `How can I lose my fear of flying?`: one word alone, corrected, speaks of a food.
  const [food] = foods;
  const isGuess = food !== undefined && foods.length === 1 && isCorrected(food.written ?? food.name);
  if (isGuess && terms.length > readWords(food.name).length && !isEating && facts.length === 0) return true;
  if (!terms.some((stem) => lexicon.outsideStems.has(stem))) return false;
  return food === undefined ? !isEating : constraints.every(isPlace) && !asksAnything(reading);
}

/** `satay` of `Are there peanuts in satay sauce?`, beside a type and what it may contain. */
function namesUnknown(terms: readonly string[], constraints: readonly Constraint[]): boolean {
  const known = constraints.flatMap(({ name, written = "" }) => readWords(`${name} ${written}`));
  const isKnown = (term: string) => known.some(({ stem }) => stem === term);
  return constraints.every((each) => isProperty(each) || each.kind === "type") && !terms.every(isKnown);
}

/** `Is X a soup?`; not `Are there any soups?`, and not `Are soups …?` */
function asksIfIsKind(text: string, constraints: readonly Constraint[]): boolean {
  const [only] = constraints;
  const isKind = only?.kind === "type" && constraints.length === 1 && !only.isExcluded;
  if (!isKind || !/^(?:is|are)\s+(?!there\b)\w+\s+(?:\w+\s+){0,2}\w+\W*$/i.test(text)) return false;
  return phraseKey(text).endsWith(phraseKey(only.written ?? only.name));
}

function isNumber(term: string): boolean {
  return /^\p{N}+$/u.test(term);
}

/** Whether a question is about a food without a record: the records of other foods do not answer it. */
function asksForUnrecorded(
  text: string,
  terms: readonly string[],
  { constraints, facts, asksProperty }: Reading,
  isUnknown: (stem: string) => boolean,
): boolean {
  // `Does marzipan contain nuts?`: no record is called so, and those of other foods do not answer it.
  const isAboutOne =
    asksAboutOne.test(text) ||
    (asksToEatOne.test(text) && constraints.every(isProperty)) ||
    (asksIfThereIn.test(text) && namesUnknown(terms, constraints));
  const asksIfItSuits =
    asksProperty || constraints.some(isProperty) || facts.includes("safety") || underdone.test(text);
  if ((isAboutOne || asksIfSafe.test(text)) && terms.length > 0 && asksIfItSuits) return true;
  // `Is ketchup a vegetable?`
  if (asksIfIsKind(text, constraints) || asksForSubstitute.test(text)) return true;
  // `What's in a Caesar salad?`: other salads do not answer it.
  if (asksWhatIsIn.test(text) && terms.some(isUnknown)) return true;
  if (constraints.length > 0 || terms.length === 0) return false;
  // `What can I replace eggs with?`
  if (facts.includes("substitute") && terms.length <= 2) return true;
  // `Can I eat snow?`, `How do you store broccoli?`
  const isOnlyName = asksToEatOne.test(text) || facts.join() === "storage";
  if (isOnlyName && terms.length === 1) return true;
  // `How many calories does broccoli have?`, `The difference between gelato and sorbet`
  return facts.includes("energy") || comparesTwo.test(text);
}
