import { phraseKey } from "../vocabulary/words.ts";
import {
  allergenConstraint,
  dietConstraint,
  ingredientConstraint,
  placeConstraint,
  valueConstraint,
} from "./constraints.ts";
import type { MentionContext } from "./context.ts";
import type { Lexicon, NamedValue } from "./lexicon.ts";
import { isMatter, type Span } from "./mentions.ts";
import type { Constraint, NamedFood } from "./plan.ts";

/** Words that join alternatives. */
const joined = /,|\b(?:and|or)\b/i;

/** `Is poutine from the USA?` */
const isYesOrNo = /^\W*(?:is|are|was|were|does|do|did)\b/i;

/** Facts that fields hold: the words that ask for them need not be in a text. */
export const fieldFacts: ReadonlySet<string> = new Set([
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

/** What a mention decides about, and what was read before it. */
export interface MeaningScope {
  readonly text: string;
  readonly spans: readonly Span[];
  readonly contexts: readonly MentionContext[];
  /** The mentions that name what the question is about. */
  readonly subjects: ReadonlySet<Span>;
  /** Whether the question asks what to avoid, so that its conditions are turned round. */
  readonly isAvoiding: boolean;
  /** Conditions of the mentions before. */
  readonly constraints: readonly Constraint[];
  readonly lexicon: Lexicon;
}

/** What one mention of a question means. */
export interface Meaning {
  readonly food?: NamedFood;
  readonly constraint?: Constraint;
  readonly diets?: string;
  readonly allergens?: string;
  readonly ingredients?: string;
  readonly fact?: string;
  readonly notRequired?: string;
  /** Whether a filter or a name covers its words, or they must not be searched for. */
  readonly words?: "consumed" | "excluded";
}

/** What the mention at a place means. */
export function meaningAt(place: number, scope: MeaningScope): Meaning {
  const { subjects, isAvoiding, lexicon } = scope;
  const span = scope.spans[place] as Span;
  const context = scope.contexts[place];
  if (subjects.has(span)) {
    const name = foodNameOf(span, lexicon);
    return { food: { name, ids: span.ids, ...inOtherWords(span.text, name) }, words: "consumed" };
  }
  if (context === "open") return { notRequired: span.text, words: "excluded" };
  if (context === "excluded" || context === "negated") {
    const isAsked = isAvoiding ? span.allergen !== undefined : span.nutrient !== undefined;
    const isWanted = isAsked && subjects.size === 0;
    return { ...denied(span, context === "negated", scope), words: isWanted ? "consumed" : "excluded" };
  }
  const { diet } = span;
  if (diet)
    return { ...property("diets", diet.name, scope, () => dietConstraint(diet, lexicon)), words: "consumed" };
  if (subjects.size === 0 && isCompanion(scope.text, span)) return {};
  const own = subjects.size > 0 ? askedBy(span, context, scope) : conditionAt(place, scope);
  if (own) return own;
  const fact = span.fact?.name;
  return fact === undefined ? {} : { fact, ...(fieldFacts.has(fact) && { words: "consumed" }) };
}

/** `What do I serve with a stew?`: what goes with something is no such thing, and need not contain it. */
const goesWith =
  /\b(?:what|which)\b.*\b(?:serve|go(?:es)?|eat|drink|pairs?|accompan(?:y|ies))\b(?: well| best)?(?: (?:with|alongside|beside))?\s+(?:\S+\s+){0,3}$/i;

function isCompanion(text: string, span: Span): boolean {
  if (span.place || (!isMatter(span) && span.value?.role !== "type")) return false;
  const before = textBefore(span, text);
  return /\b(?:with|alongside|beside|accompan(?:y|ies))\b/i.test(before) && goesWith.test(before);
}

/** Asked about the foods that the question names; without one, a condition on foods. */
function property(
  kind: "diets" | "allergens" | "ingredients",
  name: string,
  { subjects }: MeaningScope,
  makeConstraint: () => Constraint,
): Meaning {
  return subjects.size > 0 ? { [kind]: name } : { constraint: makeConstraint() };
}

/** What foods must be without, or must not be. */
function denied(span: Span, isNegated: boolean, scope: MeaningScope): Meaning {
  const { diet, allergen, place, value, text } = span;
  const { lexicon, isAvoiding } = scope;
  // `gluten free` is one phrase; with `allergic to` before it, it still is that diet.
  const isAboutFood = scope.subjects.size > 0;
  if (span.nutrient && !isAboutFood)
    return { constraint: { kind: "nutrient", name: span.nutrient.name, isExcluded: true } };
  if (diet && (!allergen || isNegated))
    return property("diets", diet.name, scope, () => dietConstraint(diet, lexicon, isNegated));
  if (allergen)
    return property("allergens", allergen.name, scope, () =>
      allergenConstraint(allergen, lexicon, !isAvoiding),
    );
  if (place) return isAboutFood ? {} : { constraint: placeConstraint(place, true, lexicon) };
  if (span.isIngredient || span.ids.length > 0) {
    return property("ingredients", text, scope, () => {
      const [without] = lexicon.diets.get(`without ${text}`);
      return without
        ? { ...dietConstraint(without, lexicon), written: `without ${text}` }
        : ingredientConstraint(text, true, lexicon);
    });
  }
  return value && !isAboutFood ? { constraint: valueConstraint(value, true, lexicon) } : {};
}

/** `Is feijoada eaten in winter?` asks for its season. */
const factOfValue: Readonly<Partial<Record<NamedValue["role"], string>>> = {
  season: "season",
  meal: "meal",
  occasion: "occasion",
};

/** What a question asks about the foods that it names; `undefined` for a fact. */
function askedBy(
  { text, allergen, place, fact, ...span }: Span,
  context: MentionContext | undefined,
  scope: MeaningScope,
): Meaning | undefined {
  const isPart = (context === "ingredient" || allergen) && isMatter({ allergen, ...span });
  // `Does tofu contain protein?`: no record lists it among the ingredients.
  if (isPart && fact?.name !== "nutrition")
    return allergen ? { allergens: allergen.name } : { ingredients: text };
  if (!isYesOrNo.test(scope.text)) return undefined;
  const asked = place ? "origin" : span.value && factOfValue[span.value.role];
  return asked === undefined ? undefined : { fact: asked, words: "consumed" };
}

/** The condition on foods that a mention is; `undefined` if it is no condition. */
function conditionAt(place: number, scope: MeaningScope): Meaning | undefined {
  const { lexicon, spans, contexts } = scope;
  const span = spans[place] as Span;
  const isPart = contexts[place] === "ingredient" && isMatter(span);
  if (span.value && !isPart) return valueAt(span.value, place, scope);
  if (span.place) {
    const constraint = placeConstraint(span.place, false, lexicon);
    const isApplied = constraint.filter !== undefined || constraint.phrases !== undefined;
    return { constraint, ...(isApplied && { words: "consumed" }) };
  }
  const nutrient = isPart ? undefined : nutrientOf(span, scope);
  if (nutrient) return { constraint: nutrient, fact: span.fact?.name ?? "nutrition" };
  if (span.allergen?.name === "alcohol" && span.text.startsWith("alcohol"))
    return { constraint: allergenConstraint(span.allergen, lexicon, false), words: "consumed" };
  if (!isPart) return undefined;
  const ingredient = ingredientConstraint(span.text, false, lexicon);
  // No record lists `gluten` as an ingredient, nor what a food only may contain.
  const isTrace = /\bmay (?:contain|have)\s+$/i.test(textBefore(span, scope.text));
  const byAllergen = (isTrace || ingredient.filter === undefined) && span.allergen;
  const constraint = byAllergen ? allergenConstraint(byAllergen, lexicon, false) : ingredient;
  return constraint.filter ? { constraint } : {};
}

/** `Which fruits are rich in iron?` and `low in iron`, but not `Why do we need iron?` */
function nutrientOf(span: Span, { text }: MeaningScope): Constraint | undefined {
  const { nutrient } = span;
  if (nutrient === undefined || asksNoFoods.test(text)) return undefined;
  const named = textBefore(span, text) + span.text;
  return { kind: "nutrient", name: nutrient.name, isExcluded: lowBefore.test(named) };
}

const asksNoFoods =
  /^\W*(?:how|why|when|where|is|are|does|do|did|compare)\b|\bthan\b|, .*\bor\b|\b(?:good|bad) for\b/i;
const lowBefore =
  /\b(?:low(?:er|est)?|less|least|little|few(?:er|est)?|poor|without|not?|free of|avoid|too much)\b.{0,24}$/i;

function valueAt(
  value: NamedValue,
  place: number,
  { text, spans, constraints, lexicon }: MeaningScope,
): Meaning {
  const constraint = valueConstraint(value, false, lexicon);
  const isType = constraint.kind === "type";
  // `Which flatbread is used for scooping up stews?` asks for flatbreads.
  const isSecondType = isType && !joined.test(text) && constraints.some(({ kind }) => kind === "type");
  if (!constraint.filter || isSecondType || isDescribing(spans, place)) return {};
  // Texts name types, and a type is given up if nothing that has it is relevant.
  return { constraint, ...(!isType && { words: "consumed" }) };
}

/** Whether a type only describes the one right after it: `noodle soup` is a soup. More than two are a list. */
function isDescribing(spans: readonly Span[], place: number): boolean {
  const joins = (first: number) => {
    const [left, right] = [spans[first], spans[first + 1]];
    return left?.value?.role === "type" && right?.value?.role === "type" && left.to === right.from;
  };
  return joins(place) && !joins(place - 1) && !joins(place + 1);
}

/** What stands before a mention; empty if the question writes it in another way than its words. */
function textBefore(span: Span, text: string): string {
  return text.slice(0, Math.max(0, text.indexOf(span.text)));
}

/** A food as the data writes it. */
export function foodNameOf({ ids, text }: Span, { nameById }: Lexicon): string {
  return nameById.get(ids[0] ?? "") ?? text;
}

/** How the question writes a name, unless these are the same words. */
export function inOtherWords(text: string, name: string): { readonly written?: string } {
  return phraseKey(text) === phraseKey(name) ? {} : { written: text };
}
