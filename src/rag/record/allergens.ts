import { oncePer } from "../../foundation/once-per.ts";
import { ExactPhrases, phraseTable } from "../vocabulary/phrases.ts";
import { type AllergenFamily, familyNamed, readVocabulary } from "../vocabulary/vocabulary.ts";
import { phraseKey, readWords } from "../vocabulary/words.ts";

/** The families that a family name means: itself, or its members. */
export function membersOf(family: AllergenFamily): AllergenFamily[] {
  if (family.members === undefined) return [family];
  return family.members.flatMap((name) => {
    const member = familyNamed(name);
    return member ? membersOf(member) : [];
  });
}

const withMembers = (family: AllergenFamily) => [...new Set([family, ...membersOf(family)])];

/** What `allergens` and `mayContain` write. */
const valuesOf = oncePer((family: AllergenFamily) =>
  phraseTable(withMembers(family).flatMap(({ values, words, name }) => [...values, ...words, name])),
);

/** Ingredients, and the allergen itself, as texts write them. */
const foodsOf = oncePer((family: AllergenFamily) => {
  const all = withMembers(family);
  return new ExactPhrases(
    all.flatMap(({ foods, values }) => [...foods, ...values]),
    all.flatMap(({ exceptions = [] }) => exceptions),
  );
});

/** How questions name it. */
const wordsOf = oncePer(({ words }: AllergenFamily) => phraseTable(words));

/** Whether a text names the allergen or an ingredient that holds it; exceptions such as `coconut milk` do not count. */
export function namesAllergen(text: string, family: AllergenFamily): boolean {
  return foodsOf(family).isIn(readWords(text));
}

/** What to say of parts of allergens that a question names and records do not list. */
export function notesFor(question: string): string[] {
  const words = new Set(readWords(question).map(({ plain }) => plain));
  return readVocabulary().allergens.flatMap(({ notes = {} }) =>
    Object.entries(notes).flatMap(([word, note]) => (words.has(word) ? [note] : [])),
  );
}

/** Whether a question names the allergen itself. */
export function namesFamily(question: string, family: AllergenFamily): boolean {
  return wordsOf(family).isIn(readWords(question));
}

/** A food in a text that holds the allergen without being called by its name: `marzipan` for nuts. */
export function foodWithAllergen(text: string, family: AllergenFamily): string | undefined {
  const names = [family, ...membersOf(family)].flatMap((each) => [each.name, ...each.words]);
  const keys = new Set(names.map(phraseKey));
  const words = readWords(text);
  for (const { from, to } of foodsOf(family).findAll(words)) {
    const food = words.slice(from, to).map((word) => word.text);
    if (!keys.has(phraseKey(food.join(" ")))) return food.join(" ");
  }
  return undefined;
}

/** Whether a value of an `allergens` field means the allergen: `tree nuts (optional)` means nuts. */
export function isAllergenValue(value: string, family: AllergenFamily): boolean {
  return valuesOf(family).isIn(readWords(value)) || namesAllergen(value, family);
}

/** The values of a field that mean the allergen. */
export function allergenValues(
  values: readonly (readonly [value: string, count: number])[],
  family: AllergenFamily,
): string[] {
  return values.map(([value]) => value).filter((value) => isAllergenValue(value, family));
}
