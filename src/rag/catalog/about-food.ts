import { oncePer } from "../../foundation/once-per.ts";
import { readVocabulary } from "../vocabulary/vocabulary.ts";
import { readWords } from "../vocabulary/words.ts";
import { type Catalog, fieldsOf } from "./catalog.ts";

/**
 * Foods and ingredients that a record names on average, in records about food. Measured: 2 to 6 in the
 * collections of foods that we know, 1.6 in medical abstracts on nutrition, 0 to 0.2 in technical texts.
 */
const namedPerRecord = 0.5;

/** Of records without names and fields, those of one food each name more: 2 to 6, abstracts 1.6. */
const namedOfOneFood = 2;

/** A name of more words is the title of an article or a report. */
const longestUsualName = 5;

/**
 * Whether the records are about food, so that words for diets, allergens and meals mean these. An empty catalog counts
 * as one: nothing speaks against it.
 */
export function isAboutFood(catalog: Catalog): boolean {
  return catalog.recordCount === 0 || hasFoodField(catalog) || namedIn(catalog) >= namedPerRecord;
}

/** Whether the records are about foods, one each: what none of them holds is not answered from others. */
export function holdsFoods(catalog: Catalog): boolean {
  if (!isAboutFood(catalog) || usualLength(catalog.names) > longestUsualName) return false;
  return (
    hasFoodField(catalog) ||
    catalog.names.length * 2 >= catalog.recordCount ||
    namedIn(catalog) >= namedOfOneFood
  );
}

/** Whether the records have a field that only foods have. */
export function hasFoodField(catalog: Catalog): boolean {
  return (["ingredients", "allergens", "diet", "energy"] as const).some(
    (role) => fieldsOf(catalog, role).length > 0,
  );
}

/** Words of the middle one of all names; 0 without names. */
function usualLength(names: Catalog["names"]): number {
  const lengths = names.map(([name]) => name.split(/\s+/).length).sort((left, right) => left - right);
  return lengths[lengths.length >> 1] ?? 0;
}

/** Foods and ingredients that a record names, on average. */
const namedIn = oncePer(({ frequencies, recordCount }: Catalog) => {
  let total = 0;
  for (const stem of foodStems()) total += frequencies.get(stem) ?? 0;
  return total / recordCount;
});

/** What foods are called in general. */
const generalNames = ["food", "dish", "cuisine", "recipe", "ingredient", "fruit", "vegetable", "drink"];

let stems: ReadonlySet<string> | undefined;

/** Stems of the vocabulary's foods, ingredients and types of food that have one word. */
function foodStems(): ReadonlySet<string> {
  const { allergens, diets, values } = readVocabulary();
  stems ??= new Set(
    [
      ...generalNames,
      ...allergens.flatMap(({ foods }) => foods),
      ...diets.flatMap(({ forbids }) => forbids),
      ...Object.keys(values.type ?? {}),
    ].flatMap((phrase) => {
      const words = readWords(phrase);
      return words.length === 1 ? words.map(({ stem }) => stem) : [];
    }),
  );
  return stems;
}
