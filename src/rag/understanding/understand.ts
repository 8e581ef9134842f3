import { tokenize } from "../../embedding/tokenizer.ts";
import { isUnspaced } from "../../embedding/unspaced.ts";
import type { Filter } from "../../store/filter.ts";
import { phraseKey, readWords, type Word } from "../vocabulary/words.ts";
import {
  alcoholConstraint,
  allergenConstraint,
  dietConstraint,
  ingredientConstraint,
  placeConstraint,
  valueConstraint,
} from "./constraints.ts";
import { contextsOf, type MentionContext } from "./context.ts";
import { correctWords } from "./corrections.ts";
import { constraintKey, foodKey, type IgnoredParts, nothingIgnored } from "./ignored.ts";
import type { Lexicon } from "./lexicon.ts";
import { findSpans, type Span } from "./mentions.ts";
import type { Constraint, NamedFood, QuestionKind, QuestionPlan } from "./plan.ts";

const comparing =
  /\b(?:compare[ds]?|comparison|difference|differ|versus|vs|better|healthier|than|or|both|between)\b/i;

/** A question that two foods have to answer. */
const comparesTwo =
  /\b(?:differences? between|compare|comparison (?:of|between))\b.+\b(?:and|to|with)\b|^\W*(?:which|what) (?:is|are|has|have|contains?) (?:healthier|better|worse|more|less|fewer)\b.+\bor\b|\b(?:versus|vs)\b/i;

/** The same without words that choices have, too. */
const wantsComparison = /\b(?:compare|comparison|difference between|versus|vs)\b/i;

const least = /\b(?:least|lowest|fewest|less|fewer|min(?:imum)?|lightest|smallest)\b/i;
const isOneOfAll = /\b(?:most|highest|maximum|richest|least|lowest|fewest|minimum|lightest)\b/i;

/** A question for several foods, or for any food that meets its conditions. */
const wantsFoods =
  /\b(?:which|what|show|list|name|give|suggest|recommend|any|some|something|anything|ideas?|options?|find|foods?|dishes|recipes|things?)\b/i;

/** Words that join alternatives. */
const joined = /,|\b(?:and|or)\b/i;

/** A question about one's own diet or allergy. */
const speaksOfAllergy = /\b(?:allerg\w*|intoleran\w*|co?eliacs?)\b/i;

/** `What should I avoid with a nut allergy?` asks for the foods that contain nuts. */
const asksToAvoid =
  /\b(?:what|which)\b.{0,40}\b(?:avoid|(?:not|n['’]t|never|cannot) (?:i |we |one )?(?:eat|have)|stay away from|dangerous|unsafe|off[- ]limits)\b.*\b(?:allerg|intoleran)/i;

/** More names that share a word are no answer to a question about one food. */
const mostSimilarNames = 6;

/** Facts that fields hold: the words that ask for them need not be in a text. */
const fieldFacts = new Set([
  "energy",
  "ingredients",
  "allergens",
  "diet",
  "season",
  "meal",
  "origin",
  "occasion",
  "storage",
  "preparation",
]);

/** How the words of a question divide among its readings. */
interface Reading {
  readonly foods: readonly NamedFood[];
  readonly constraints: readonly Constraint[];
  readonly diets: readonly string[];
  readonly allergens: readonly string[];
  readonly ingredients: readonly string[];
  readonly facts: readonly string[];
  /** Whether a diet, an allergen or an ingredient is asked about. */
  readonly asksProperty: boolean;
  /** Positions of words that a filter or a name covers. */
  readonly consumed: ReadonlySet<number>;
  /** Places of words that must not be searched for. */
  readonly excluded: ReadonlySet<number>;
}

/** Interprets an independent question (`follow-up.ts` completes others). */
export function understand(
  question: string,
  lexicon: Lexicon,
  ignored: IgnoredParts = nothingIgnored,
): QuestionPlan {
  const { text, corrections } = correctWords(question, lexicon, ignored);
  const words = readWords(text);
  // The words of an ignored name are searched for like any others.
  const spans = findSpans(words, lexicon).map((span) =>
    span.ids.length > 0 && ignored.has(foodKey({ name: foodNameOf(span, lexicon) }))
      ? { ...span, ids: [], isPartialName: false }
      : span,
  );
  const contexts = contextsOf(text, words, spans);
  const reading = read(text, spans, contexts, lexicon, ignored);
  const terms = contentStems(words, reading, lexicon);
  const kind = kindOf(text, words, reading, terms, lexicon);
  const superlative = kind === "superlative" ? { fact: "energy", direction: directionOf(text) } : undefined;
  return {
    question,
    kind,
    corrections,
    foods: reading.foods,
    asked: {
      facts: reading.facts,
      diets: reading.diets,
      allergens: reading.allergens,
      ingredients: reading.ingredients,
    },
    constraints: reading.constraints,
    ...(superlative && { superlative }),
    searchText: searchTextOf(text, words, spans, reading, lexicon),
    terms,
  };
}

function directionOf(text: string): "most" | "least" {
  return least.test(text) && !/\bmost\b/i.test(text) ? "least" : "most";
}

function read(
  text: string,
  spans: readonly Span[],
  contexts: readonly MentionContext[],
  lexicon: Lexicon,
  ignored: IgnoredParts,
): Reading {
  const subjects = subjectsOf(text, spans, contexts);
  const foods = new Map<string, NamedFood>();
  const constraints: Constraint[] = [];
  const asked = { diets: [] as string[], allergens: [] as string[], ingredients: [] as string[] };
  const facts: string[] = [];
  const consumed = new Set<number>();
  const excluded = new Set<number>();
  const isAboutFood = subjects.size > 0;
  const isAvoiding = asksToAvoid.test(text);
  for (const [place, span] of spans.entries()) {
    const context = contexts[place] as MentionContext;
    const earlierCount = constraints.length;
    if (subjects.has(span)) {
      const name = foodNameOf(span, lexicon);
      foods.set(name, { name, ids: span.ids });
      take(span, consumed);
    } else if (context === "excluded") {
      take(span, isAvoiding && span.allergen && !isAboutFood ? consumed : excluded);
      if (span.diet && !span.allergen) {
        // `gluten free` is one phrase; with `allergic to` before it, it still is that diet.
        if (isAboutFood) asked.diets.push(span.diet.name);
        else constraints.push(dietConstraint(span.diet, lexicon));
      } else if (span.allergen) {
        if (isAboutFood) asked.allergens.push(span.allergen.name);
        else constraints.push(allergenConstraint(span.allergen, lexicon, !isAvoiding));
      } else if (span.place) constraints.push(placeConstraint(span.place, true, lexicon));
      else if (span.isIngredient || span.ids.length > 0) {
        if (isAboutFood) asked.ingredients.push(span.text);
        else constraints.push(ingredientConstraint(span.text, true, lexicon));
      } else if (span.value) constraints.push(valueConstraint(span.value, true, lexicon));
    } else if (span.diet) {
      if (isAboutFood) asked.diets.push(span.diet.name);
      else constraints.push(dietConstraint(span.diet, lexicon));
      take(span, consumed);
    } else if (span.value && !isAboutFood && !(context === "ingredient" && isMatter(span))) {
      const constraint = valueConstraint(span.value, false, lexicon);
      // `Which flatbread is used for scooping up stews?` asks for flatbreads.
      const isSecondType =
        constraint.kind === "type" && !joined.test(text) && constraints.some(({ kind }) => kind === "type");
      if (constraint.filter && !isSecondType) {
        constraints.push(constraint);
        // Texts name types, and a type is given up if nothing that has it is relevant.
        if (constraint.kind !== "type") take(span, consumed);
      }
    } else if (span.place && !isAboutFood) {
      const constraint = placeConstraint(span.place, false, lexicon);
      constraints.push(constraint);
      if (constraint.filter || constraint.phrases) take(span, consumed);
    } else if (isAboutFood && (context === "ingredient" || span.allergen) && isMatter(span)) {
      if (span.allergen) asked.allergens.push(span.allergen.name);
      else asked.ingredients.push(span.text);
    } else if (!isAboutFood && span.allergen?.name === "alcohol" && span.text.startsWith("alcohol")) {
      constraints.push(alcoholConstraint(false, span.allergen, lexicon));
      take(span, consumed);
    } else if (!isAboutFood && context === "ingredient" && isMatter(span)) {
      const constraint = ingredientConstraint(span.text, false, lexicon);
      if (constraint.filter) constraints.push(constraint);
    } else if (span.fact) {
      facts.push(span.fact.name);
      if (fieldFacts.has(span.fact.name)) take(span, consumed);
    }
    const own = constraints.splice(earlierCount);
    const kept = own.filter((each) => !ignored.has(constraintKey(each)));
    constraints.push(...kept);
    if (kept.length < own.length) take(span, excluded);
  }
  const wantsFieldFact = facts.some(
    (fact) => fieldFacts.has(fact) && fact !== "ingredients" && fact !== "allergens",
  );
  if (foods.size === 0 && constraints.length === 0 && wantsFieldFact && !isOneOfAll.test(text)) {
    for (const food of similarNames(spans, contexts, lexicon)) foods.set(food.name, food);
  }
  return {
    foods: [...foods.values()],
    constraints: merged(constraints),
    diets: [...new Set(asked.diets)],
    allergens: [...new Set(asked.allergens)],
    ingredients: [...new Set(asked.ingredients)],
    facts: factsAsked(text, facts),
    asksProperty: spans.some((span) => span.diet !== undefined || span.allergen !== undefined),
    consumed,
    excluded,
  };
}

/** A food as the data writes it. */
function foodNameOf({ ids, text }: Span, { nameById }: Lexicon): string {
  return nameById.get(ids[0] ?? "") ?? text;
}

/** Not a fact for its own sake: what `contain` and `made of` lead to is asked about, `made` may only join words. */
function factsAsked(text: string, facts: readonly string[]): string[] {
  return [...new Set(facts)].filter((fact) => fact !== "preparation" || isFactAsked(text, fact));
}

function isMatter(span: Span): boolean {
  return span.allergen !== undefined || span.isIngredient || span.ids.length > 0;
}

/** What comes right before the food that a question is about. */
const aboutBefore =
  /(?:^|[,.;:?!]\s*|\b(?:so|and|but|then)\s+)(?:(?:what|where|when|why|how|who)(?:['’]s|\s+(?:exactly\s+)?(?:is|are|was|were|does|do|did|much|many|long|should|can|could)\b.*)?|(?:which|what) \w+ (?:is|are|does|do|did|has|have)|is|are|does|do|did|can|could|should|may|has|have|tell me (?:something |more )?about|about|describe|explain|define|recipe for|(?:can|could|may|should) .{1,60} (?:eat|have|drink)|is it (?:ok|okay|fine|safe|all right|possible) (?:for .{1,40} )?to (?:eat|have|drink))\s*(?:(?:the|an?|some|my|this|real|fresh|raw|cooked|dried)\s+)*$/i;

/** The spans that name what the question is about, among those that could be names. */
function subjectsOf(text: string, spans: readonly Span[], contexts: readonly MentionContext[]): Set<Span> {
  const named = spans.filter((span) => span.ids.length > 0);
  const contextOf = (span: Span) => contexts[spans.indexOf(span)];
  const asksFact = spans.some(
    ({ fact }) => fact !== undefined && subjectFacts.has(fact.name) && isFactAsked(text, fact.name),
  );
  const isComparison = comparing.test(text) && named.length > 1;
  const kinds = spans.filter(
    ({ value, place, ids }) => ids.length === 0 && (value !== undefined || place !== undefined),
  );
  const isAllergy = speaksOfAllergy.test(text);
  // `a creamy Italian coffee dessert`, `the cheese that goes on pizza`: the name describes something else.
  const describes = (span: Span) => {
    if (isComparison || asksFact) return false;
    const start = wordsOnly(text).indexOf(wordsOnly(span.text));
    const isAsked = aboutBefore.test(text.slice(0, Math.max(0, start)));
    const next = kinds.find(({ from }) => from === span.to);
    if (next !== undefined && span.isIngredient) return true;
    const isDescribed = span.isIngredient
      ? kinds.length > 0 || spans.length + contentWords(text) > 2
      : kinds.some(({ value }) => value !== undefined);
    return isDescribed && !isAsked;
  };
  const plain = named.filter((span) => contextOf(span) === "plain");
  const chosen = plain.filter(
    (span) => !describes(span) && !(isAllergy && span.allergen && plain.length > 1),
  );
  if (chosen.length > 0) return new Set(chosen);
  // `What is in a lamington?`, `How many calories has quinoa got?`: the last name is what is asked about.
  const last = named.filter((span) => contextOf(span) !== "excluded").at(-1);
  if (last === undefined) return new Set();
  const before = text.slice(0, Math.max(0, wordsOnly(text).lastIndexOf(wordsOnly(last.text))));
  const isIn = /\bin\s+(?:an?\s+|the\s+)?$/i.test(before);
  return new Set(isIn || (asksFact && plain.length === 0) ? [last] : []);
}

/** A text of the same length in which only words differ: a name may have hyphens where its span has spaces. */
function wordsOnly(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, " ");
}

/** Facts that only a food can have that the question names. */
const subjectFacts = new Set(["energy", "season", "storage", "origin", "preparation"]);

/** `made` asks for the preparation only with `how`, `season` is a condition in `in season in autumn`. */
function isFactAsked(text: string, fact: string): boolean {
  if (fact === "preparation") return /\bhow\b|\brecipe (?:for|of)\b|\bprepar/i.test(text);
  if (fact === "energy") return !isOneOfAll.test(text);
  if (fact === "origin") return /\bwhere\b|\bwhich country\b|\bwhat country\b|\borigin/i.test(text);
  return /\b(?:how|when|where|can|should|is|are|does|do)\b/i.test(text);
}

function contentWords(text: string): number {
  return readWords(text).filter(({ isStop }) => !isStop).length;
}

/** Names that a question uses only a part of, if it asks for a fact: rice for `Basmati Rice` and `Wild Rice`. */
function similarNames(
  spans: readonly Span[],
  contexts: readonly MentionContext[],
  lexicon: Lexicon,
): NamedFood[] {
  const span = spans.find(
    (each, place) => each.isIngredient && each.ids.length === 0 && contexts[place] === "plain",
  );
  if (span === undefined) return [];
  const key = phraseKey(span.text);
  const similar = lexicon.catalog.names.filter(([name]) => phraseKey(name).endsWith(` ${key}`));
  return similar.length > mostSimilarNames ? [] : similar.map(([name, id]) => ({ name, ids: [id] }));
}

/** Kinds of which a food has one value, or meets a question by any of several: `India or Thailand`. */
const alternatives = new Set<Constraint["kind"]>([
  "region",
  "continent",
  "type",
  "meal",
  "season",
  "occasion",
]);

/** Each constraint once; several places, types or meals become one, which any of them meets. */
function merged(constraints: readonly Constraint[]): Constraint[] {
  const byKey = new Map<string, Constraint>();
  for (const constraint of constraints) {
    const { kind, name, isExcluded, filter } = constraint;
    const isAlternative = !isExcluded && alternatives.has(kind);
    const key = isAlternative ? kind : `${kind} ${name} ${isExcluded}`;
    const earlier = byKey.get(key);
    if (earlier === undefined) byKey.set(key, constraint);
    else if (earlier.name !== name && isAlternative && filter && earlier.filter) {
      const either: Filter = { kind: "or", operands: [earlier.filter, filter] };
      byKey.set(key, { ...earlier, name: `${earlier.name} or ${name}`, filter: either });
    }
  }
  return [...byKey.values()];
}

function take(span: Span, places: Set<number>): void {
  for (let place = span.from; place < span.to; place++) places.add(place);
}

/** Stems that a relevant record shares with the question. */
function contentStems(words: readonly Word[], reading: Reading, { questionStems }: Lexicon): string[] {
  const stems = words
    .filter(({ isStop, stem }, place) => {
      return (
        !isStop && !questionStems.has(stem) && !reading.consumed.has(place) && !reading.excluded.has(place)
      );
    })
    // A run of a script without blanks has several terms.
    .flatMap(({ plain, stem }) => (isUnspaced(plain) ? tokenize(plain) : [stem]));
  // A name counts by how the data writes it, not by how the question does.
  return [...new Set([...reading.foods.flatMap(({ name }) => tokenize(name)), ...stems])];
}

function kindOf(
  text: string,
  words: readonly Word[],
  reading: Reading,
  terms: readonly string[],
  lexicon: Lexicon,
): QuestionKind {
  const { foods, constraints, diets, allergens, ingredients, facts } = reading;
  const { outsideStems, catalog } = lexicon;
  // Without records, or if they could not be read, nothing is known to be outside: the store has to answer.
  if (catalog.frequencies.size === 0) return "find";
  const isOutside = terms.some((stem) => outsideStems.has(stem));
  const hasOnlyPlace = constraints.every(({ kind }) => kind === "region" || kind === "continent");
  const asksNothing = diets.length + allergens.length + ingredients.length + facts.length === 0;
  if (isOutside && (foods.length === 0 ? !speaksOfEating.test(text) : hasOnlyPlace && asksNothing))
    return "outside";
  if (foods.length > 1 ? comparing.test(text) : foods.length === 1 && wantsComparison.test(text))
    return "compare";
  if (facts.includes("energy") && foods.length === 0 && isOneOfAll.test(text)) return "superlative";
  if (foods.length > 0) return "fact";
  const isUnknown = (stem: string) => !catalog.frequencies.has(stem);
  if (constraints.length === 0 && terms.length > 0 && terms.every(isUnknown)) return "outside";
  // Articles or reports may answer a question about a food without a record of its own.
  if (lexicon.holdsFoods && asksForUnrecorded(text, terms, reading, isUnknown)) return "outside";
  // What someone must avoid decides about the whole answer.
  if (constraints.some(({ kind, isExcluded }) => kind === "diet" || isExcluded)) return "list";
  if (constraints.length > 0 && (wantsFoods.test(text) || words.length < 8)) return "list";
  return "find";
}

/** Whether a question is about a food without a record: the records of other foods do not answer it. */
function asksForUnrecorded(
  text: string,
  terms: readonly string[],
  { constraints, facts, asksProperty }: Reading,
  isUnknown: (stem: string) => boolean,
): boolean {
  // `Does marzipan contain nuts?`: no record is called so, and those of other foods do not answer it.
  const isAboutOne = asksAboutOne.test(text) || (asksToEatOne.test(text) && constraints.every(isProperty));
  if (isAboutOne && terms.length > 0 && (asksProperty || constraints.some(isProperty))) return true;
  // `What's in a Caesar salad?`: other salads do not answer it.
  if (asksWhatIsIn.test(text) && terms.some(isUnknown)) return true;
  // `What can I replace eggs with?`
  if (facts.includes("substitute") && terms.length <= 2 && constraints.length === 0) return true;
  if (asksForSubstitute.test(text)) return true;
  // `How many calories does broccoli have?`, `How do you store broccoli?`
  const isOnlyName = facts.length === 1 && facts.includes("storage") && terms.length === 1;
  if ((facts.includes("energy") || isOnlyName) && terms.length > 0 && constraints.length === 0) return true;
  // `The difference between gelato and sorbet`
  return comparesTwo.test(text) && constraints.length === 0 && terms.length > 0;
}

/** Words that only a question about food has. */
const speaksOfEating =
  /\b(?:foods?|eat|eats|eating|eaten|dish|dishes|meals?|recipes?|cook|cooking|cuisine|snacks?|drinks?|desserts?|breakfast|lunch|dinner|supper|vegan|vegetarian|gluten|taste|tasty|delicious|ingredients?|soups?|salads?|cakes?|bread|fruits?|vegetables?)\b/i;

/** `Is X vegan?`, `Does X contain nuts?` */
const asksAboutOne =
  /^(?:is|are|does|do|can|could)\s+(?!there|any|some|you|i|we|people|vegans?|vegetarians?)(?:[\w'-]+\s+)/i;

/** `What can I use instead of butter?`: foods without butter are no answer. */
const asksForSubstitute = /^what (?:can|could|should|do) (?:i|we|you) use instead of\b/i;

const asksWhatIsIn = /^(?:what(?:['’]s| is| goes)|which ingredients are) in(?:to)? (?:an?|the)\b/i;

/** `Can I eat X with a nut allergy?` */
const asksToEatOne =
  /^(?:can|could|may|should)\s+(?:i|we|you|people|vegans?|vegetarians?)\s+(?:eat|have|drink)\s+(?!any|some|something|anything|at|for|in|on|out)\w/i;

function isProperty({ kind }: Constraint): boolean {
  return kind === "diet" || kind === "allergen" || kind === "ingredient";
}

/** The question with its corrections, without what it excludes, and with synonyms for what it asks for. */
function searchTextOf(
  text: string,
  words: readonly Word[],
  spans: readonly Span[],
  { excluded, constraints }: Reading,
  { synonyms }: Lexicon,
): string {
  let kept = "";
  let position = 0;
  for (const [place, word] of words.entries()) {
    if (excluded.has(place)) {
      kept += text.slice(position, word.start);
      position = word.end;
    }
  }
  kept += text.slice(position);
  const more = constraints
    .filter(({ isExcluded, kind }) => !isExcluded && (kind === "region" || kind === "continent"))
    .flatMap(({ name, phrases = [] }) => [name, ...phrases]);
  for (const { from, to } of spans) {
    const key = words
      .slice(from, to)
      .map(({ stem }) => stem)
      .join(" ");
    if (!excluded.has(from)) more.push(...synonyms.get(key));
  }
  const lower = kept.toLowerCase();
  const added = more.filter((each) => !lower.includes(each.toLowerCase()));
  return [kept.replace(/\s+/g, " ").trim(), ...new Set(added)].join(" ").trim();
}
