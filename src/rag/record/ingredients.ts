import { BoundedCache } from "../../foundation/bounded-cache.ts";
import { readVocabulary } from "../vocabulary/vocabulary.ts";
import { phraseKey } from "../vocabulary/words.ts";

const known = new BoundedCache<string, readonly string[]>(1_000);

/**
 * An ingredient by all its spellings, with everything that belongs to it: ham and lard for pork. The same list each
 * time.
 */
export function namesOfIngredient(name: string): readonly string[] {
  return known.getOrMake(name, () => findNames(name));
}

function findNames(name: string): readonly string[] {
  const lower = name.toLowerCase();
  const key = phraseKey(name);
  const families = Object.entries(readVocabulary().ingredientFamilies);
  const family = families.find(([each]) => phraseKey(each) === key)?.[1] ?? [];
  const groups = readVocabulary().synonyms.filter((group) =>
    group.some((word) => word.toLowerCase() === lower),
  );
  return [name, ...family, ...groups.flat()];
}
