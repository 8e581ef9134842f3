import { counted } from "../foundation/plural.ts";
import { isAboutFood } from "./catalog/about-food.ts";
import type { Catalog } from "./catalog/catalog.ts";
import { foodWithAllergen, namesFamily, notesFor } from "./record/allergens.ts";
import { isSafetyConstraint } from "./retrieval/safety.ts";
import { describeValues, roleCounted } from "./understanding/about-data.ts";
import { describeConstraints } from "./understanding/describe.ts";
import {
  describeConstraint,
  isApplied,
  isPlace,
  isProperty,
  isReadFromText,
} from "./understanding/describe-constraint.ts";
import { otherTerms, type QuestionPlan } from "./understanding/plan.ts";
import { speaksOfDanger } from "./understanding/question-kind.ts";
import { type AllergenFamily, readVocabulary } from "./vocabulary/vocabulary.ts";
import { readWords, writtenByStem } from "./vocabulary/words.ts";

export const nothingFound = "I found nothing relevant to that in the data.";

/** Said with a question in another language, answered or not. */
export function languageNotice(language: string): string {
  return `I answer questions in English, and this one looks like ${language}: words that I do not know have no effect.`;
}

/** The text when no answer is possible: why no food is recommended, and what the data covers. */
export function declinedText(plan: QuestionPlan, catalog: Catalog): string {
  if (plan.kind === "about") {
    const role = roleCounted(plan.question);
    return (role && describeValues(role, catalog)) ?? knownScope(catalog);
  }
  if (plan.language !== undefined) {
    return `${languageNotice(plan.language)} Nothing that it leaves out could be checked, so no food is recommended.`;
  }
  if (plan.kind === "outside" && plan.unread) {
    const names = plan.unread.join(" or ");
    return `It is not clear whether foods must be without ${names}, so none is recommended. Ask for foods “without ${names}”.`;
  }
  if (plan.shown) {
    const described = describeConstraints(plan.constraints.filter(isApplied));
    return `The data has no other record of that${described === "" ? "" : ` (${described})`}.`;
  }
  const safety = plan.constraints.filter(isSafetyConstraint);
  if (plan.kind !== "outside" && safety.length > 0) {
    const unchecked = safety.filter(({ filter }) => filter === undefined);
    if (unchecked.length > 0) {
      const names = unchecked
        .map((each) => (each.isExcluded ? describeConstraint(each) : each.name))
        .join(", ");
      return `${nothingFound} It could not be checked which foods are ${names}: the records do not say, so no food is recommended.`;
    }
    const described = describeConstraints(plan.constraints);
    const others = otherTerms(plan).length > 0 ? " and has the other words of the question" : "";
    return `${nothingFound} No record says that it meets these conditions (${described})${others}, so none is recommended.${notesFor(
      plan.question,
    )
      .map((note) => ` ${note}`)
      .join("")}`;
  }
  if (catalog.recordCount === 0) return nothingFound;
  if (plan.kind === "superlative") {
    const described = describeConstraints(plan.constraints);
    return `No record${described === "" ? "" : ` that meets this (${described})`} has a figure for ${plan.superlative?.fact}, so none can be named.`;
  }
  const uncompared = plan.constraints.find(({ kind, filter }) => kind === "figure" && filter === undefined);
  if (uncompared) return `No record has a figure that could be compared: ${uncompared.name}.`;
  if (plan.constraints.some((each) => isReadFromText(each) || each.kind === "figure")) {
    return `No record meets this: ${describeConstraints(plan.constraints.filter(isApplied))}.`;
  }
  const isSelected = plan.constraints.some((each) => !each.isExcluded && each.filter && !isPlace(each));
  if (plan.kind === "list" && isSelected) {
    return `${nothingFound} No record meets all of this: ${describeConstraints(plan.constraints.filter(isApplied))}.`;
  }
  const caution = cautionOf(plan);
  if (caution !== undefined) return caution;
  const unknown = unrecordedFood(plan, catalog);
  return unknown === undefined
    ? `${nothingFound} ${knownScope(catalog)}`
    : `${nothingFound} No record is about ${unknown}.`;
}

/** `mortadella` of `Is there pork in mortadella?`: the one word of a question that may name a food. */
function unrecordedFood(plan: QuestionPlan, catalog: Catalog): string | undefined {
  const { terms, constraints, asked, question } = plan;
  const asks = asked.facts.some(
    (fact) => fact === "ingredients" || (fact === "safety" && speaksOfDanger.test(question)),
  );
  if (!isAboutFood(catalog) || (!asks && !constraints.some(isProperty))) return undefined;
  const rest = [
    ...constraints.map(({ name, written = "" }) => `${name} ${written}`),
    ...readVocabulary().facts.flatMap(({ words }) => words),
  ];
  const known = new Set(rest.flatMap((each) => readWords(each)).map(({ stem }) => stem));
  const [only, ...more] = terms.filter((term) => !known.has(term));
  const isNamed = catalog.names.some(([name]) => readWords(name).some(({ stem }) => stem === only));
  return only === undefined || more.length > 0 || isNamed ? undefined : writtenByStem(question).get(only);
}

/**
 * What the vocabulary knows of a food that no record is about: someone with a nut allergy who asks about marzipan must
 * not be left without an answer.
 */
function cautionOf({ kind, question }: QuestionPlan): string | undefined {
  if (kind !== "outside") return undefined;
  const { allergens } = readVocabulary();
  // Tree nuts before nuts: the narrower name says more.
  const isWide = ({ members }: AllergenFamily) => Number(members !== undefined);
  for (const family of allergens.toSorted((left, right) => isWide(left) - isWide(right))) {
    if (!namesFamily(question, family)) continue;
    const food = foodWithAllergen(question, family);
    if (food !== undefined)
      return `No record is about ${food}, but ${food} usually contains ${family.name}: avoid it unless its label says otherwise.`;
  }
  return undefined;
}

function knownScope(catalog: Catalog): string {
  const records = counted(catalog.recordCount, "record");
  return isAboutFood(catalog)
    ? `The data holds ${records} about foods: ask what they are, contain or go with, or where they come from.`
    : `The data holds ${records}.`;
}
