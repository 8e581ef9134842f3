import { readFileSync } from "node:fs";

/** The subject of a metadata field; data files name their fields differently. */
export type FieldRole =
  | "name"
  | "region"
  | "continent"
  | "type"
  | "ingredients"
  | "allergens"
  | "mayContain"
  | "diet"
  | "alcohol"
  | "season"
  | "meal"
  | "occasion"
  | "energy"
  /** The form of the food that the energy is of: `dry`, `raw`. */
  | "energyForm"
  | "preparation"
  | "nutrition"
  | "storage"
  | "culture"
  | "description";

/** A country or a wider area. */
export interface Place {
  /** As the shipped foods write it in `region` or `continent`. */
  readonly name: string;
  /** Adjectives and other names: `Peruvian`, `Holland`. */
  readonly words: readonly string[];
  /** Names of smaller places that belong to it. */
  readonly contains?: readonly string[];
}

/** An allergen, or a family of them. */
export interface AllergenFamily {
  readonly name: string;
  /** How questions name it. */
  readonly words: readonly string[];
  /** What to say if a question has a word for a part of it that records do not list: lactose. */
  readonly notes?: Readonly<Record<string, string>>;
  /** How `allergens` and `mayContain` write it. */
  readonly values: readonly string[];
  /** Ingredients that hold it. */
  readonly foods: readonly string[];
  /** Phrases with a word of `foods` that do not hold it: `coconut milk`. */
  readonly exceptions?: readonly string[];
  /** Foods that are no member of it, and that some people with the allergy still have to avoid: coconut. */
  readonly related?: readonly string[];
  /** Families that belong to it: shellfish are crustaceans and molluscs. */
  readonly members?: readonly string[];
  /** The diet that says a food is free of it. */
  readonly diet?: string;
}

export interface DietRule {
  readonly name: string;
  /** How questions name it. */
  readonly words: readonly string[];
  /** How the `diet` field writes it. */
  readonly values: readonly string[];
  /** Ingredients that rule it out. */
  readonly forbids: readonly string[];
  /** Phrases with a word of `forbids` that do not rule it out. */
  readonly exceptions: readonly string[];
  /** Names of allergen families that rule it out. */
  readonly allergens: readonly string[];
  /** Stricter diets: vegan food is also vegetarian. */
  readonly impliedBy: readonly string[];
}

/** Something that a question can ask about a food. */
export interface FactRule {
  readonly name: string;
  /** The role of the field that holds it; a separate name if only texts do. */
  readonly field: string;
  /** How questions ask for it; in the file with alternatives: `how long {do|should} i`. */
  readonly words: readonly string[];
  /** Beginnings of words in sentences that state it. */
  readonly cues: readonly string[];
  /** What a record does not say that has neither: `how long it keeps`. */
  readonly unsaid: string;
}

/** What texts say that a food is a source of. */
export interface Nutrient {
  readonly name: string;
  readonly words: readonly string[];
  /** Phrases with one of the words in another sense: `cast iron`. */
  readonly exceptions?: readonly string[];
}

/** What ingredients mean for someone, in every dish with them. By the NHS (babies, pregnancy) and the ASPCA (pets). */
export interface Warning {
  /** Ingredients or families of them; the name of an allergen stands alone. */
  readonly ingredients: readonly string[];
  /** `babies or children`, `pregnancy`, `dogs`. */
  readonly persons: readonly string[];
  /** A sentence. */
  readonly note: string;
}

/** A quality by which questions compare records: `Which is the oldest?` */
interface Adjective {
  readonly word: string;
  /** Words of fields with a figure for it: `age`. */
  readonly fields?: readonly string[];
  /** Whether a smaller figure means more of it: cheap. */
  readonly isLess?: boolean;
}

/** What ragfood knows about the language of food questions. The files are in `data/vocabulary`. */
export interface Vocabulary {
  /** Names of metadata fields by role, preferred first. */
  readonly fields: Readonly<Record<FieldRole, readonly string[]>>;
  readonly places: readonly Place[];
  /** Groups of words for one thing. */
  readonly synonyms: readonly (readonly string[])[];
  readonly allergens: readonly AllergenFamily[];
  readonly diets: readonly DietRule[];
  /** Ingredients that belong to one that people leave out or look for: ham is pork. */
  readonly ingredientFamilies: Readonly<Record<string, readonly string[]>>;
  /** For a role and a value of its field: words of questions that mean it. */
  readonly values: Readonly<Partial<Record<FieldRole, Readonly<Record<string, readonly string[]>>>>>;
  /** Types that a question means by a wider one, too: flatbread by bread. */
  readonly narrowerTypes: Readonly<Record<string, readonly string[]>>;
  readonly facts: readonly FactRule[];
  readonly nutrients: readonly Nutrient[];
  readonly warnings: readonly Warning[];
  readonly adjectives: readonly Adjective[];
  /** By language: words that questions in it have, and that English does not. */
  readonly languages: Readonly<Record<string, string>>;
  /** Words of food questions that say nothing about which food. */
  readonly questionWords: readonly string[];
  /** Words of questions that are not about food. */
  readonly outside: readonly string[];
}

let vocabulary: Vocabulary | undefined;

/** The shipped vocabulary, read once. */
export function readVocabulary(): Vocabulary {
  vocabulary ??= {
    fields: readFile("fields"),
    places: readFile("places"),
    synonyms: readFile("synonyms"),
    allergens: readFile("allergens"),
    diets: readFile("diets"),
    ingredientFamilies: readFile("ingredient-families"),
    values: readFile("values"),
    narrowerTypes: readFile("narrower-types"),
    facts: readFile<FactRule[]>("facts").map((rule) => ({
      ...rule,
      words: rule.words.flatMap(alternativesOf),
    })),
    nutrients: readFile("nutrients"),
    warnings: readFile("warnings"),
    adjectives: readFile("adjectives"),
    languages: readFile("languages"),
    questionWords: readFile("question-words"),
    outside: readFile("outside"),
  };
  return vocabulary;
}

export function dietNamed(name: string): DietRule | undefined {
  return readVocabulary().diets.find((rule) => rule.name === name);
}

export function familyNamed(name: string): AllergenFamily | undefined {
  return readVocabulary().allergens.find((family) => family.name === name);
}

export function nutrientNamed(name: string): Nutrient | undefined {
  return readVocabulary().nutrients.find((nutrient) => nutrient.name === name);
}

export function factNamed(name: string): FactRule | undefined {
  return readVocabulary().facts.find((rule) => rule.name === name);
}

/** The diets whose foods suit a diet: itself, and stricter ones. */
export function dietsWithin(name: string): DietRule[] {
  const stricter = dietNamed(name)?.impliedBy ?? [];
  return readVocabulary().diets.filter((each) => each.name === name || stricter.includes(each.name));
}

/** `how long do i` and `how long should i` of `how long {do|should} i`. */
function alternativesOf(phrase: string): string[] {
  const [group, words] = /\{([^}]*)\}/.exec(phrase) ?? [];
  if (group === undefined || words === undefined) return [phrase];
  return words.split("|").flatMap((each) => alternativesOf(phrase.replace(group, each)));
}

function readFile<T>(name: string): T {
  return JSON.parse(
    readFileSync(new URL(`../../../data/vocabulary/${name}.json`, import.meta.url), "utf8"),
  ) as T;
}
