import { tokenize } from "../../embedding/tokenizer.ts";
import type { Filter } from "../../store/filter.ts";

/**
 * - `fact`: something about foods that it names
 * - `compare`: foods that it names, side by side
 * - `superlative`: the record with the most or the least of something
 * - `list`: foods that meet conditions
 * - `find`: everything else that texts may answer
 * - `outside`: not about food
 * - `about`: the data itself: `How many foods do you know?`
 */
export type QuestionKind = "fact" | "compare" | "superlative" | "list" | "find" | "outside" | "about";

/** A food that the question names, and the records of that name. */
export interface NamedFood {
  /** As the data writes it. */
  readonly name: string;
  /** As the question writes it, if these are other words: `biriyani`. */
  readonly written?: string;
  readonly ids: readonly string[];
}

type ConstraintKind =
  | "diet"
  | "allergen"
  | "ingredient"
  | "region"
  | "continent"
  | "type"
  | "meal"
  | "season"
  | "occasion"
  | "energy"
  | "figure"
  | "nutrient"
  | "word";

/** What foods have to be like. */
export interface Constraint {
  readonly kind: ConstraintKind;
  /** `vegan`, `nuts`, `Peru`. */
  readonly name: string;
  /** As the question writes it, if these are other words: `dairy` of `milk`. */
  readonly written?: string;
  /** Whether foods must be without it. */
  readonly isExcluded: boolean;
  /** What the store is asked; absent if no record has a field for it. */
  readonly filter?: Filter;
  /** Without a field for it: the words of which a record's text has to hold one. */
  readonly phrases?: readonly string[];
  /** No record meets it together with the others, so that the search did without it. */
  readonly isDropped?: boolean;
}

/** A condition that no longer counts. */
export type GivenUp = Pick<Constraint, "kind" | "name" | "isExcluded">;

/** The fact that the question asks for about the foods that it names. */
export interface Asked {
  /** `energy`, `season`, `storage`: names of facts. */
  readonly facts: readonly string[];
  readonly diets: readonly string[];
  /** Those of the diets that no record of the data is labelled with: a missing label says nothing. */
  readonly unlabelledDiets?: readonly string[];
  /** Names of allergen families. */
  readonly allergens: readonly string[];
  /** Ingredients, as the question writes them. */
  readonly ingredients: readonly string[];
}

/** A word that was replaced because no record has it. */
export interface Correction {
  readonly from: string;
  readonly to: string;
}

/** By what a question ranks records. */
export interface Superlative {
  /** `energy`, `protein`; without a field `how old it is`. */
  readonly fact: string;
  readonly direction: "most" | "least";
  /** The field with the figures; absent if no record has one, so that nothing can be ranked. */
  readonly field?: string;
}

/** The interpretation of a question: data that controls search and answer. */
export interface QuestionPlan {
  readonly question: string;
  readonly kind: QuestionKind;
  /** What a record is called; `food` without it. */
  readonly noun?: string;
  readonly corrections: readonly Correction[];
  readonly foods: readonly NamedFood[];
  readonly asked: Asked;
  readonly constraints: readonly Constraint[];
  /** Of a plan for an answer: the conditions that the search did without, which are none of the others. */
  readonly dropped?: readonly Constraint[];
  /** What the question says it does not need: `vegan` of `It need not be vegan`. */
  readonly notRequired?: readonly string[];
  /** Of which fact the most or the least is wanted. */
  readonly superlative?: Superlative;
  /** Ids of records that the conversation has listed already: the question asks for others. */
  readonly shown?: readonly string[];
  /** How many records the question asks for: `top 5`. */
  readonly wanted?: number;
  /** Words for what the question leaves out that no condition covers: nothing checks foods for them. */
  readonly unread?: readonly string[];
  /** Words that no record has. Known after the search. */
  readonly unmentioned?: readonly string[];
  /** The language of a question that is not English. */
  readonly language?: string;
  /** What the store searches for. */
  readonly searchText: string;
  /** Stems that a relevant record shares: those of words that neither a filter nor a name covers. */
  readonly terms: readonly string[];
  /** The whole question that a follow-up was taken to mean. */
  readonly takenAs?: string;
  /** Conditions of the questions before that a follow-up takes back. */
  readonly givenUp?: readonly GivenUp[];
  /** The question asks why the sources of the answer before were chosen; all else in the plan is of that answer. */
  readonly asksWhy?: true;
  /** Of a question that consists of several: the plan of each. */
  readonly parts?: readonly QuestionPlan[];
}

export const nothingAsked: Asked = { facts: [], diets: [], allergens: [], ingredients: [] };

/** Whether a question asks for anything about the foods that it names. */
export function asksAnything({ facts, ...asked }: Asked): boolean {
  return facts.length > 0 || asksProperty(asked);
}

/** Whether a question asks if foods suit a diet, or hold something. */
export function asksProperty({ diets, allergens, ingredients }: Omit<Asked, "facts">): boolean {
  return diets.length + allergens.length + ingredients.length > 0;
}

/** The terms of a question that are no words of its conditions. */
export function otherTerms({ terms, constraints }: QuestionPlan): string[] {
  const named = new Set(constraints.flatMap(({ name, written = "" }) => tokenize(`${name} ${written}`)));
  return terms.filter((term) => !named.has(term));
}

/** The question with what it leaves to the questions before it. */
export function wholeQuestion({ question, takenAs }: Pick<QuestionPlan, "question" | "takenAs">): string {
  return takenAs ?? question;
}

/** The unchanged question, without understanding and filters (`--literal`). */
export function literalPlan(question: string): QuestionPlan {
  return {
    question,
    kind: "find",
    corrections: [],
    foods: [],
    asked: nothingAsked,
    constraints: [],
    searchText: question,
    terms: [...new Set(tokenize(question))],
  };
}
