import type { Filter } from "../../store/filter.ts";
import { phraseKey } from "../vocabulary/words.ts";
import {
  allergenConstraint,
  dietConstraint,
  ingredientConstraint,
  placeConstraint,
  valueConstraint,
} from "./constraints.ts";
import type { MentionContext } from "./context.ts";
import type { ExcludedPhrase } from "./excluded-phrases.ts";
import { constraintKey, type IgnoredParts } from "./ignored.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Span } from "./mentions.ts";
import type { Constraint, NamedFood } from "./plan.ts";
import { isFactAsked, isOneOfAll, subjectsOf } from "./subjects.ts";

/** Words that join alternatives. */
const joined = /,|\b(?:and|or)\b/i;

const avoids =
  "(?:avoid|(?:not|n['’]t|never|cannot) (?:i |we |one )?(?:eat|have)|stay away from|dangerous|unsafe|off[- ]limits)\\b";
const allergy = "\\b(?:allerg|intoleran)";

/**
 * `What should I avoid with a nut allergy?`, `What should someone with a nut allergy avoid?` ask for the foods that
 * contain nuts; `What can I eat with a nut allergy if I avoid eggs?` does not.
 */
const asksToAvoid = new RegExp(
  `\\b(?:what|which)\\b(?:.{0,40}\\b${avoids}.*${allergy}|.*${allergy}.*\\b${avoids}\\W*$)`,
  "i",
);

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
export interface Reading {
  readonly foods: readonly NamedFood[];
  readonly constraints: readonly Constraint[];
  readonly diets: readonly string[];
  readonly allergens: readonly string[];
  readonly ingredients: readonly string[];
  readonly facts: readonly string[];
  /** What the question says it does not need, as it writes it. */
  readonly notRequired: readonly string[];
  /** Whether a diet, an allergen or an ingredient is asked about. */
  readonly asksProperty: boolean;
  /** Positions of words that a filter or a name covers. */
  readonly consumed: ReadonlySet<number>;
  /** Places of words that must not be searched for. */
  readonly excluded: ReadonlySet<number>;
}

/** Assigns each mention of a question to a food, a condition or a fact. */
export function read(
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
  const notRequired: string[] = [];
  const consumed = new Set<number>();
  const excluded = new Set<number>();
  const isAboutFood = subjects.size > 0;
  const isAvoiding = asksToAvoid.test(text);
  for (const [place, span] of spans.entries()) {
    const context = contexts[place] as MentionContext;
    const earlierCount = constraints.length;
    if (subjects.has(span)) {
      const name = foodNameOf(span, lexicon);
      foods.set(name, { name, ids: span.ids, ...inOtherWords(span.text, name) });
      take(span, consumed);
    } else if (context === "open") {
      notRequired.push(span.text);
      take(span, excluded);
    } else if (context === "excluded" || context === "negated") {
      take(span, isAvoiding && span.allergen && !isAboutFood ? consumed : excluded);
      if (span.diet && (!span.allergen || context === "negated")) {
        // `gluten free` is one phrase; with `allergic to` before it, it still is that diet.
        if (isAboutFood) asked.diets.push(span.diet.name);
        else constraints.push(dietConstraint(span.diet, lexicon, context === "negated"));
      } else if (span.allergen) {
        if (isAboutFood) asked.allergens.push(span.allergen.name);
        else constraints.push(allergenConstraint(span.allergen, lexicon, !isAvoiding));
      } else if (span.place) {
        if (!isAboutFood) constraints.push(placeConstraint(span.place, true, lexicon));
      } else if (span.isIngredient || span.ids.length > 0) {
        const [diet] = lexicon.diets.get(`without ${span.text}`);
        if (isAboutFood) asked.ingredients.push(span.text);
        else if (diet)
          constraints.push({ ...dietConstraint(diet, lexicon), written: `without ${span.text}` });
        else constraints.push(ingredientConstraint(span.text, true, lexicon));
      } else if (span.value && !isAboutFood) constraints.push(valueConstraint(span.value, true, lexicon));
    } else if (span.diet) {
      if (isAboutFood) asked.diets.push(span.diet.name);
      else constraints.push(dietConstraint(span.diet, lexicon));
      take(span, consumed);
    } else if (span.value && !isAboutFood && !(context === "ingredient" && isMatter(span))) {
      const constraint = valueConstraint(span.value, false, lexicon);
      // `Which flatbread is used for scooping up stews?` asks for flatbreads.
      const isSecondType =
        constraint.kind === "type" && !joined.test(text) && constraints.some(({ kind }) => kind === "type");
      if (constraint.filter && !isSecondType && !isDescribing(spans, place)) {
        constraints.push(constraint);
        // Texts name types, and a type is given up if nothing that has it is relevant.
        if (constraint.kind !== "type") take(span, consumed);
      }
    } else if (span.place && !isAboutFood) {
      const constraint = placeConstraint(span.place, false, lexicon);
      constraints.push(constraint);
      if (constraint.filter || constraint.phrases) take(span, consumed);
    } else if (
      isAboutFood &&
      (context === "ingredient" || span.allergen) &&
      isMatter(span) &&
      // `Does tofu contain protein?`: no record lists it among the ingredients.
      span.fact?.name !== "nutrition"
    ) {
      if (span.allergen) asked.allergens.push(span.allergen.name);
      else asked.ingredients.push(span.text);
    } else if (!isAboutFood && span.allergen?.name === "alcohol" && span.text.startsWith("alcohol")) {
      constraints.push(allergenConstraint(span.allergen, lexicon, false));
      take(span, consumed);
    } else if (!isAboutFood && context === "ingredient" && isMatter(span)) {
      const ingredient = ingredientConstraint(span.text, false, lexicon);
      // No record lists `gluten` as an ingredient.
      const byAllergen = ingredient.filter === undefined && span.allergen !== undefined;
      const constraint = byAllergen ? allergenConstraint(span.allergen, lexicon, false) : ingredient;
      if (constraint.filter) constraints.push(constraint);
    } else if (span.place && isAboutFood && /^\W*(?:is|are|was|were|does|do|did)\b/i.test(text)) {
      // `Is poutine from the USA?`
      facts.push("origin");
      take(span, consumed);
    } else if (span.fact) {
      facts.push(span.fact.name);
      if (fieldFacts.has(span.fact.name)) take(span, consumed);
    }
    const own = constraints.splice(earlierCount);
    const kept = own.filter((each) => !ignored.has(constraintKey(each)));
    constraints.push(...kept.map((each) => asWritten(each, span)));
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
    notRequired,
    asksProperty: spans.some((span) => span.diet !== undefined || span.allergen !== undefined),
    consumed,
    excluded,
  };
}

/** A reading that also leaves out single words that ingredients and texts of the data have. */
export function withoutWords(
  reading: Reading,
  leftOut: readonly { readonly place: number; readonly text: string }[],
  lexicon: Lexicon,
  ignored: IgnoredParts,
): Reading {
  if (leftOut.length === 0) return reading;
  const constraints = leftOut
    .map(({ text }) => ingredientConstraint(text.toLowerCase(), true, lexicon))
    .filter((each) => !ignored.has(constraintKey(each)));
  return {
    ...reading,
    constraints: merged([...reading.constraints, ...constraints]),
    excluded: new Set([...reading.excluded, ...leftOut.map(({ place }) => place)]),
  };
}

/** A reading that also leaves out records by the words that they say. */
export function withoutPhrases(
  reading: Reading,
  phrases: readonly ExcludedPhrase[],
  ignored: IgnoredParts,
): Reading {
  if (phrases.length === 0) return reading;
  const constraints = phrases
    .map(({ text }): Constraint => ({ kind: "word", name: text, isExcluded: true }))
    .filter((each) => !ignored.has(constraintKey(each)));
  return {
    ...reading,
    constraints: merged([...reading.constraints, ...constraints]),
    excluded: new Set([...reading.excluded, ...phrases.flatMap(({ places }) => places)]),
  };
}

/** A condition with the words of the question that stand for it. */
function asWritten(constraint: Constraint, { text }: Span): Constraint {
  const isPlace = constraint.kind === "region" || constraint.kind === "continent";
  const written = text.replace(/^the /i, "");
  // `French` says no more than `from France`.
  if (isPlace && written.slice(0, 2).toLowerCase() === constraint.name.slice(0, 2).toLowerCase())
    return constraint;
  return { ...inOtherWords(written, constraint.name), ...constraint };
}

/** How the question writes a name, unless these are the same words. */
function inOtherWords(text: string, name: string): { readonly written?: string } {
  return phraseKey(text) === phraseKey(name) ? {} : { written: text };
}

/** Whether a type only describes the one right after it: `noodle soup` is a soup. More than two are a list. */
function isDescribing(spans: readonly Span[], place: number): boolean {
  const joins = (first: number) => {
    const [left, right] = [spans[first], spans[first + 1]];
    return left?.value?.role === "type" && right?.value?.role === "type" && left.to === right.from;
  };
  return joins(place) && !joins(place - 1) && !joins(place + 1);
}

/** A food as the data writes it. */
export function foodNameOf({ ids, text }: Span, { nameById }: Lexicon): string {
  return nameById.get(ids[0] ?? "") ?? text;
}

/** Not a fact for its own sake: what `contain` and `made of` lead to is asked about, `made` may only join words. */
function factsAsked(text: string, facts: readonly string[]): string[] {
  return [...new Set(facts)].filter(
    (fact) =>
      (fact !== "preparation" || isFactAsked(text, fact)) &&
      (fact !== "duration" || !facts.includes("storage")),
  );
}

function isMatter(span: Span): boolean {
  return span.allergen !== undefined || span.isIngredient || span.ids.length > 0;
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
      const written = [earlier, constraint].map((each) => each.written ?? each.name).join(" or ");
      byKey.set(key, {
        ...earlier,
        name: `${earlier.name} or ${name}`,
        ...((earlier.written ?? constraint.written) !== undefined && { written }),
        filter: either,
      });
    }
  }
  return [...byKey.values()];
}

function take(span: Span, places: Set<number>): void {
  for (let place = span.from; place < span.to; place++) places.add(place);
}
