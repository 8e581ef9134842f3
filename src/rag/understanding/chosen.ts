import type { Filter } from "../../store/filter.ts";
import { allergenConstraint, dietConstraint } from "./constraints.ts";
import { constraintKey, type IgnoredParts } from "./ignored.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Constraint } from "./plan.ts";

/**
 * What the caller's filter says that a person must avoid: its conditions on allergens, diets and alcohol, if all of them
 * have to hold. They get the same care as words; all else stays a filter.
 *
 * @example chosenConstraints(parseFilter("allergens NOT CONTAINS 'milk'"), lexicon, ignored) // without milk
 */
export function chosenConstraints(filter: Filter, lexicon: Lexicon, ignored: IgnoredParts): Constraint[] {
  if (filter.kind === "and")
    return filter.operands.flatMap((each) => chosenConstraints(each, lexicon, ignored));
  const { allergens, diets } = lexicon;
  const isOf = (role: "allergens" | "diet" | "alcohol", field: string) =>
    lexicon.fields(role).some((each) => each.field === field);
  const chosen: Constraint[] = [];
  if (filter.kind === "contains" && typeof filter.value === "string") {
    const { field, value, negated } = filter;
    const [family] = negated && isOf("allergens", field) ? allergens.get(value) : [];
    const [diet] = isOf("diet", field) ? diets.get(value) : [];
    if (family) chosen.push(allergenConstraint(family, lexicon));
    if (diet) chosen.push(dietConstraint(diet, lexicon, negated));
  } else if (filter.kind === "comparison" && isOf("alcohol", filter.field)) {
    const { operator, value } = filter;
    const [alcohol] = allergens.get("alcohol");
    const isWithout = operator === "=" ? value === false : operator === "!=" && value === true;
    if (alcohol && isWithout) chosen.push(allergenConstraint(alcohol, lexicon));
  }
  return chosen.filter((each) => !ignored.has(constraintKey(each)));
}
