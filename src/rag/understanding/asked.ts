import type { Lexicon } from "./lexicon.ts";
import type { Asked, Constraint } from "./plan.ts";

/** What is asked about foods, with what conditions on foods ask about them. */
export function askedWith(asked: Asked, constraints: readonly Constraint[], lexicon: Lexicon): Asked {
  const named = (kind: Constraint["kind"]) =>
    constraints.filter((each) => each.kind === kind).map(({ name }) => name);
  const familyOf = (name: string) => lexicon.allergens.get(name).map((family) => family.name);
  const ingredients = named("ingredient");
  const diets = [...new Set([...asked.diets, ...named("diet")])];
  const unlabelled = diets.filter((diet) => !lexicon.isLabelled(diet));
  const plain = ingredients.filter((name) => familyOf(name).length === 0);
  return {
    facts: asked.facts,
    diets,
    ...(unlabelled.length > 0 && { unlabelledDiets: unlabelled }),
    allergens: [...new Set([...asked.allergens, ...named("allergen"), ...ingredients.flatMap(familyOf)])],
    ingredients: [...new Set([...asked.ingredients, ...plain])],
  };
}
