import { counted } from "../foundation/plural.ts";
import type { Catalog } from "./catalog/catalog.ts";
import { isSafetyConstraint } from "./retrieval/safety.ts";
import { describeConstraints } from "./understanding/describe.ts";
import type { QuestionPlan } from "./understanding/plan.ts";

export const nothingFound = "I found nothing relevant to that in the food data.";

/** What is said in place of an answer: why nothing is recommended, and what the data knows. */
export function declinedText(plan: QuestionPlan, catalog: Catalog): string {
  const safety = plan.constraints.filter(isSafetyConstraint);
  if (plan.kind !== "outside" && safety.length > 0) {
    const unchecked = safety.filter(({ filter }) => filter === undefined);
    if (unchecked.length > 0) {
      const names = unchecked
        .map(({ name, isExcluded }) => (isExcluded ? `without ${name}` : name))
        .join(", ");
      return `${nothingFound} It could not be checked which foods are ${names}: the records do not say, so none is recommended.`;
    }
    return `${nothingFound} No record that says so of itself is ${describeConstraints(plan.constraints)}.`;
  }
  if (catalog.recordCount === 0) return nothingFound;
  return `${nothingFound} ${knownScope(catalog)}`;
}

function knownScope({ recordCount }: Catalog): string {
  return `It holds ${counted(recordCount, "record")} about foods: ask what they are, contain or go with, or where they come from.`;
}
