import type { Catalog } from "../catalog/catalog.ts";
import { readWords, type Word } from "../vocabulary/words.ts";
import { labelOf } from "./fields.ts";
import type { LeftOut } from "./left-out-words.ts";
import type { Constraint } from "./plan.ts";

/** `Is it public?` asks of one record. */
const asksOfOne = /^\W*(?:is|are|was|were|does|do|did)\b/i;

/** Words before a condition that records have to meet: `articles that are public`. */
const requires = /\b(?:that|which|who)\s+(?:\p{L}+\s+)?(?:are|is)\s+(?:also\s+|all\s+)?$/iu;

/** A condition on words as one on the field that is true or false in each record, if there is such a field. */
export function asFlag(constraint: Constraint, catalog: Catalog): Constraint {
  const stems = new Set(readWords(constraint.name).map(({ stem }) => stem));
  const flag = catalog.facets.find(
    ({ field, values, recordCount }) =>
      recordCount === catalog.recordCount &&
      values.every(([value]) => typeof value === "boolean") &&
      sameStems(stems, readWords(labelOf(field))),
  );
  if (flag === undefined || catalog.isPartial) return constraint;
  const value = !constraint.isExcluded;
  return { ...constraint, filter: { kind: "comparison", field: flag.field, operator: "=", value } };
}

/** `is_public` is the flag `public`. */
function sameStems(stems: ReadonlySet<string>, label: readonly Word[]): boolean {
  const own = label.filter(({ isStop }) => !isStop);
  return own.length === stems.size && own.every(({ stem }) => stems.has(stem));
}

/** The fields that a question requires to be true. */
export function flagsRequired(text: string, words: readonly Word[], catalog: Catalog): LeftOut[] {
  if (asksOfOne.test(text)) return [];
  return words.flatMap((word, place): LeftOut[] => {
    if (word.isStop || !requires.test(text.slice(0, word.start))) return [];
    const constraint = asFlag({ kind: "word", name: word.text.toLowerCase(), isExcluded: false }, catalog);
    return constraint.filter === undefined ? [] : [{ text: word.text, places: [place], constraint }];
  });
}
