import { readVocabulary } from "../vocabulary/vocabulary.ts";
import { phraseKey } from "../vocabulary/words.ts";

/** An ingredient by all its spellings, with everything that belongs to it: ham and lard for pork. */
export function namesOfIngredient(name: string): string[] {
  const lower = name.toLowerCase();
  const key = phraseKey(name);
  const families = Object.entries(readVocabulary().ingredientFamilies);
  const family = families.find(([each]) => phraseKey(each) === key)?.[1] ?? [];
  const groups = readVocabulary().synonyms.filter((group) =>
    group.some((word) => word.toLowerCase() === lower),
  );
  return [name, ...family, ...groups.flat()];
}
