import { textsOfRole } from "../catalog/roles.ts";
import { namesOfIngredient } from "../record/ingredients.ts";
import { type Judgement, judgeAllergen, judgeDiet, judgeIngredient } from "../record/judge.ts";
import type { Source } from "../source.ts";
import type { Constraint } from "../understanding/plan.ts";
import { dietNamed, familyNamed } from "../vocabulary/vocabulary.ts";

/**
 * Constraints that a person may depend on: a record that does not say that it meets them is left out. `What should a
 * diabetic avoid?` is one if no field says what suits diabetics: the foods that it asks for cannot be told from others.
 */
export function isSafetyConstraint({ kind, isExcluded, filter }: Constraint): boolean {
  return kind === "diet"
    ? !isExcluded || filter === undefined
    : (kind === "allergen" || kind === "ingredient") && isExcluded;
}

/** What a record's own fields and text say about a diet, an allergen or an ingredient. */
export function judge(source: Source, { kind, name, isExcluded }: Constraint): Judgement {
  if (kind === "diet") {
    const rule = dietNamed(name);
    return rule ? judgeDiet(source, rule) : { verdict: "not recorded", evidence: "" };
  }
  if (kind === "allergen") {
    const family = familyNamed(name);
    return family ? judgeAllergen(source, family) : { verdict: "not recorded", evidence: "" };
  }
  return judgeIngredient(source, namesOfIngredient(name, !isExcluded));
}

/**
 * Whether a list may hold a record: for each diet, allergen and excluded ingredient, the record itself says that it is
 * free of it. A record without this statement is dropped, even if it passed the store's filter; only for an ingredient
 * that is no allergen, its text is trusted.
 */
export function isSafe(source: Source, constraints: readonly Constraint[]): boolean {
  return constraints
    .filter(isSafetyConstraint)
    .every((constraint) => judge(source, constraint).verdict === "free");
}

/**
 * Whether a record's ingredients or its text name everything that a question wants: `maybe` if it only may contain some
 * of it.
 */
export function holdsWanted(source: Source, constraints: readonly Constraint[]): "yes" | "maybe" | "no" {
  const wanted = constraints.filter(
    ({ kind, isExcluded }) => (kind === "ingredient" || kind === "allergen") && !isExcluded,
  );
  const judged = wanted.map((constraint) => judge(source, constraint));
  const isHeld = judged.every(({ verdict }) => verdict === "contains" || verdict === "may contain");
  if (!isHeld) return "no";
  const possible = textsOfRole(source.metadata, "mayContain") ?? [];
  const isCertain = judged.every(
    ({ verdict, isStated }, place) =>
      verdict === "contains" || (isStated && !possible.includes(wanted[place]?.name ?? "")),
  );
  return isCertain ? "yes" : "maybe";
}
