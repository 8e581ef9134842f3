import type { Constraint, GivenUp } from "./plan.ts";

/** `vegan`, `not vegan`, `without nuts`, `with sesame`, `from Peru`, `not from Peru`. */
export function describeConstraint(constraint: GivenUp): string {
  const { kind, name, isExcluded } = constraint;
  if (isLeftOut(constraint)) return `without ${name}`;
  if (kind === "word") return "filter" in constraint ? name : `“${name}” in the text`;
  if (kind === "nutrient") return `${isExcluded ? "low in" : "a source of"} ${name}`;
  if (kind === "ingredient" || (kind === "allergen" && name !== "alcohol")) return `with ${name}`;
  return `${isExcluded ? "not " : ""}${isPlace(constraint) ? "from " : ""}${name}`;
}

export function isPlace({ kind }: Pick<Constraint, "kind">): boolean {
  return kind === "region" || kind === "continent";
}

/** Whether a condition is about what a food contains, or whom it suits. */
export function isProperty({ kind }: Pick<Constraint, "kind">): boolean {
  return kind === "diet" || kind === "allergen" || kind === "ingredient";
}

/** Whether a condition is about something that foods must not contain, or records must not say. */
export function isLeftOut({ kind, isExcluded }: GivenUp): boolean {
  return isExcluded && (kind === "ingredient" || kind === "allergen" || kind === "word");
}

/** Whether each match is checked for a condition: by the store's filter, or by the words of its record. */
export function isApplied({ kind, filter }: Pick<Constraint, "kind" | "filter">): boolean {
  return filter !== undefined || isReadFromText({ kind });
}

/** Whether only the words of a record say if it meets a condition. */
export function isReadFromText({ kind }: Pick<Constraint, "kind">): boolean {
  return kind === "word" || kind === "nutrient";
}
