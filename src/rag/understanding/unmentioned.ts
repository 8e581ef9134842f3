import { isUnspaced } from "../../embedding/unspaced.ts";
import { readWords, writtenByStem } from "../vocabulary/words.ts";
import { labelOf } from "./fields.ts";
import type { Lexicon } from "./lexicon.ts";
import { type QuestionPlan, wholeQuestion } from "./plan.ts";

/** What questions call records of any kind: `articles that are not public`. */
const callsRecords = /^(?:articles?|documents?|entr(?:y|ies)|pages?|tickets?|posts?|items?)$/i;

/**
 * The words of a question that no record has, as the question writes them: `Caesar` of `Caesar salad`, which other
 * salads do not answer. Empty for a question about foods that it names, and if not all records were read.
 */
export function unmentioned(plan: QuestionPlan, { catalog, synonyms, isAboutFood }: Lexicon): string[] {
  if (plan.foods.length > 0 || catalog.isPartial) return [];
  const fields = new Set(
    catalog.facets.flatMap(({ field }) => readWords(labelOf(field)).map(({ stem }) => stem)),
  );
  const isKnown = (stem: string) => catalog.frequencies.has(stem) || fields.has(stem);
  const asked = [wholeQuestion(plan), ...plan.corrections.map(({ to }) => to)].join(" ");
  const written = writtenByStem(asked);
  // By what the records are ranked is a field, or is said to have none.
  const ranked = readWords(plan.superlative ? `high low ${plan.superlative.fact}` : "").map(
    ({ stem }) => stem,
  );
  return plan.terms
    .filter((term) => !ranked.includes(term))
    .filter((term) => {
      const others = synonyms.valuesOf(term).flatMap((phrase) => readWords(phrase).map(({ stem }) => stem));
      const isCount = plan.wanted !== undefined && /^\d+$/.test(term);
      return !isCount && !isUnspaced(term) && ![term, ...others].some(isKnown);
    })
    .map((term) => written.get(term) ?? term)
    .filter((word) => isAboutFood || !callsRecords.test(word));
}
