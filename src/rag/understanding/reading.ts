import type { Filter } from "../../store/filter.ts";
import { phraseKey } from "../vocabulary/words.ts";
import type { MentionContext } from "./context.ts";
import { isPlace } from "./describe-constraint.ts";
import { constraintKey, type IgnoredParts } from "./ignored.ts";
import type { Lexicon } from "./lexicon.ts";
import { fieldFacts, inOtherWords, meaningAt } from "./meaning.ts";
import type { Span } from "./mentions.ts";
import type { Asked, Constraint, NamedFood } from "./plan.ts";
import { isFactAsked, isOneOfAll, subjectsOf } from "./subjects.ts";

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

/** How the words of a question divide among its readings. */
export interface Reading extends Asked {
  readonly foods: readonly NamedFood[];
  readonly constraints: readonly Constraint[];
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
  const foods = new Map<string, NamedFood>();
  const constraints: Constraint[] = [];
  const named = { diets: new Set<string>(), allergens: new Set<string>(), ingredients: new Set<string>() };
  const facts: string[] = [];
  const notRequired: string[] = [];
  const places = { consumed: new Set<number>(), excluded: new Set<number>() };
  const subjects = subjectsOf(text, spans, contexts);
  const isAvoiding = asksToAvoid.test(text);
  const scope = { text, spans, contexts, subjects, isAvoiding, constraints, lexicon };
  for (const [place, span] of spans.entries()) {
    const meaning = meaningAt(place, scope);
    const { food, constraint, fact, words } = meaning;
    if (food) foods.set(food.name, food);
    for (const kind of ["diets", "allergens", "ingredients"] as const)
      if (meaning[kind] !== undefined) named[kind].add(meaning[kind]);
    if (fact !== undefined) facts.push(fact);
    if (meaning.notRequired !== undefined) notRequired.push(meaning.notRequired);
    if (words) take(span, places[words]);
    if (constraint === undefined) continue;
    if (ignored.has(constraintKey(constraint))) {
      // `Soup` is searched for as a word; what foods must be like in other ways is of no use without its check.
      if (constraint.kind === "type" && !constraint.isExcluded) continue;
      take(span, places.excluded);
    } else constraints.push(asWritten(constraint, span));
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
    diets: [...named.diets],
    allergens: [...named.allergens],
    ingredients: [...named.ingredients],
    facts: factsAsked(text, facts),
    notRequired,
    asksProperty: spans.some((span) => span.diet !== undefined || span.allergen !== undefined),
    ...places,
  };
}

/** A reading that also leaves out what words at certain places stand for. */
export function leavingOut(
  reading: Reading,
  left: readonly { readonly constraint: Constraint; readonly places: readonly number[] }[],
  ignored: IgnoredParts,
): Reading {
  if (left.length === 0) return reading;
  const constraints = left
    .map(({ constraint }) => constraint)
    .filter((each) => !ignored.has(constraintKey(each)));
  return {
    ...reading,
    constraints: merged([...reading.constraints, ...constraints]),
    excluded: new Set([...reading.excluded, ...left.flatMap(({ places }) => places)]),
  };
}

/** A condition with the words of the question that stand for it. */
function asWritten(constraint: Constraint, { text }: Span): Constraint {
  const written = text.replace(/^the /i, "");
  // `French` says no more than `from France`.
  if (isPlace(constraint) && written.slice(0, 2).toLowerCase() === constraint.name.slice(0, 2).toLowerCase())
    return constraint;
  return { ...inOtherWords(written, constraint.name), ...constraint };
}

/** Not a fact for its own sake: what `contain` and `made of` lead to is asked about, `made` may only join words. */
function factsAsked(text: string, facts: readonly string[]): string[] {
  return [...new Set(facts)].filter(
    (fact) =>
      (fact !== "preparation" || isFactAsked(text, fact)) &&
      (fact !== "duration" || !facts.includes("storage")),
  );
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
