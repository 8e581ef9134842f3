import { type Constraint, type GivenUp, isPlace } from "./plan.ts";

/** `vegan`, `not vegan`, `without nuts`, `with sesame`, `from Peru`, `not from Peru`. */
export function describeConstraint(constraint: GivenUp): string {
  const { kind, name, isExcluded } = constraint;
  if (isLeftOut(constraint)) return `without ${name}`;
  if (kind === "ingredient" || (kind === "allergen" && name !== "alcohol")) return `with ${name}`;
  return `${isExcluded ? "not " : ""}${isPlace(constraint) ? "from " : ""}${name}`;
}

/** Whether a condition is about something that foods must not contain, or records must not say. */
export function isLeftOut({ kind, isExcluded }: GivenUp): boolean {
  return isExcluded && (kind === "ingredient" || kind === "allergen" || kind === "word");
}

/** Whether each match is checked for a condition: by the store's filter, or by the words of its record. */
export function isApplied({ kind, filter }: Pick<Constraint, "kind" | "filter">): boolean {
  return filter !== undefined || kind === "word";
}
