import { BoundedCache } from "../../foundation/bounded-cache.ts";
import { readVocabulary } from "../vocabulary/vocabulary.ts";
import { phraseKey } from "../vocabulary/words.ts";

const known = new BoundedCache<string, readonly string[]>(1_000);

/**
 * An ingredient by all its spellings, with everything that belongs to it: ham and lard for pork. The same list each
 * time.
 *
 * @param isWanted whether foods must have it. Of a class that is also a type of food, such as fruit, foods with it are
 * then those that name it: otherwise nearly all would meet the condition.
 */
export function namesOfIngredient(name: string, isWanted: boolean = false): readonly string[] {
  return known.getOrMake(`${isWanted} ${name}`, () => findNames(name, isWanted));
}

function findNames(name: string, isWanted: boolean): readonly string[] {
  const { ingredientFamilies, synonyms, values } = readVocabulary();
  const lower = name.toLowerCase();
  const key = phraseKey(name);
  const isOwn = isWanted && Object.keys(values.type ?? {}).some((type) => phraseKey(type) === key);
  const family = Object.entries(ingredientFamilies).find(([each]) => !isOwn && phraseKey(each) === key)?.[1];
  const groups = synonyms.filter((group) => group.some((word) => word.toLowerCase() === lower));
  return [name, ...(family ?? []), ...groups.flat()];
}
