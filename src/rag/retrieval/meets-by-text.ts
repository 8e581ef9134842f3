import type { Catalog } from "../catalog/catalog.ts";
import { mentionsPhrase } from "../record/mentions.ts";
import { isLowIn, isSourceOf } from "../record/nutrients.ts";
import type { Source } from "../source.ts";
import type { Constraint } from "../understanding/plan.ts";
import { phraseTable } from "../vocabulary/phrases.ts";
import { nutrientNamed } from "../vocabulary/vocabulary.ts";
import { readWords } from "../vocabulary/words.ts";

/** Whether the words of a record meet the conditions that no field holds: places, nutrients, words. */
export function meetsByText(source: Source, constraints: readonly Constraint[], catalog: Catalog): boolean {
  return constraints.every(({ kind, name, isExcluded, phrases, filter }) => {
    if (phrases !== undefined) return phraseTable(phrases).isIn(readWords(source.text));
    // A field that each record has says more than words of its text.
    if (kind === "word" && filter !== undefined) return true;
    if (kind === "word") return mentionsPhrase(source, name, catalog) !== isExcluded;
    const nutrient = kind === "nutrient" && nutrientNamed(name);
    return !nutrient || (isExcluded ? isLowIn : isSourceOf)(source, nutrient);
  });
}
