import { isStopWord } from "../../embedding/tokenizer.ts";
import { type Catalog, type CatalogField, fieldsOf } from "../catalog/catalog.ts";
import { PhraseTable } from "../vocabulary/phrases.ts";
import type {
  AllergenFamily,
  DietRule,
  FactRule,
  FieldRole,
  Place,
  Vocabulary,
} from "../vocabulary/vocabulary.ts";
import { phraseKey, readWords } from "../vocabulary/words.ts";
import { Spelling } from "./spelling.ts";

/** A value of a field, as a question may name it. */
export interface NamedValue {
  readonly role: "type" | "meal" | "season" | "occasion";
  readonly name: string;
}

/** A single word names a food if at most so many records share it in their names. */
const mostSharing = 2;

/** An ingredient of at most so many records may still be the word by which a name is known: `sambal`. */
const rareIngredient = 2;

/** Names of more words are titles: one word of them names nothing. */
const mostWordsOfPartial = 4;

/** Names of foods are short; a collection of longer ones holds articles or reports, and titles name no food. */
const longestUsualName = 5;

/** A word of this share of the records is no sign that a question is about something else. */
const commonShare = 0.02;

const valueRoles = ["type", "meal", "season", "occasion"] as const;

/** Everything that words of a question can stand for, prepared for one catalog. */
export class Lexicon {
  readonly catalog: Catalog;
  readonly vocabulary: Vocabulary;
  /** Ids of records by name. */
  readonly names: PhraseTable<string> = new PhraseTable();
  /** The same by one distinctive word of a longer name. */
  readonly partialNames: Map<string, string[]> = new Map();
  /** How the data writes a name, by id. */
  readonly nameById: Map<string, string> = new Map();
  readonly diets: PhraseTable<DietRule> = new PhraseTable();
  readonly allergens: PhraseTable<AllergenFamily> = new PhraseTable();
  readonly places: PhraseTable<Place> = new PhraseTable();
  readonly values: PhraseTable<NamedValue> = new PhraseTable();
  readonly ingredients: PhraseTable<true> = new PhraseTable();
  readonly facts: PhraseTable<FactRule> = new PhraseTable();
  /** Other words for a phrase, by its stems. */
  readonly synonyms: Map<string, string[]> = new Map();
  /** Whether the records are about foods, one each. */
  readonly holdsFoods: boolean;
  readonly questionStems: Set<string>;
  readonly outsideStems: Set<string>;
  #spelling: Spelling | undefined;

  constructor(catalog: Catalog, vocabulary: Vocabulary) {
    this.catalog = catalog;
    this.vocabulary = vocabulary;
    this.questionStems = new Set(vocabulary.questionWords.map(phraseKey));
    const common = Math.max(3, catalog.recordCount * commonShare);
    const isRare = (stem: string) => (catalog.frequencies.get(stem) ?? 0) <= common;
    this.holdsFoods = usualLength(catalog.names) <= longestUsualName;
    this.outsideStems = new Set(this.holdsFoods ? vocabulary.outside.map(phraseKey).filter(isRare) : []);
    this.#addSynonyms();
    if (this.holdsFoods) this.#addNames();
    this.#addVocabulary();
    this.#addValues();
    if (this.holdsFoods) this.#addPartialNames();
  }

  /** Built when a question has a word that nobody knows. */
  get spelling(): Spelling {
    this.#spelling ??= this.#buildSpelling();
    return this.#spelling;
  }

  /** Fields of a role that the data has. */
  fields(role: FieldRole): CatalogField[] {
    return fieldsOf(this.catalog, role);
  }

  #addSynonyms(): void {
    for (const group of this.vocabulary.synonyms) {
      const keys = group.map(phraseKey);
      for (const key of keys) {
        const others = group.filter((_, place) => keys[place] !== key);
        this.synonyms.set(key, [...(this.synonyms.get(key) ?? []), ...others]);
      }
    }
  }

  #addNames(): void {
    for (const [name, id] of this.catalog.names) {
      if (!this.nameById.has(id)) this.nameById.set(id, name);
      this.names.add(name, id);
    }
    for (const [name, id] of this.catalog.names) {
      for (const other of this.synonyms.get(phraseKey(name)) ?? []) {
        if (this.names.get(other).length === 0) this.names.add(other, id);
      }
    }
  }

  /** Words that only one or two names have, and that hardly any other text has. */
  #addPartialNames(): void {
    const sharing = new Map<string, Set<string>>();
    for (const [name, id] of this.catalog.names) {
      const words = readWords(name);
      if (words.length < 2 || words.length > mostWordsOfPartial) continue;
      for (const { stem, plain, isStop } of words) {
        if (isStop || plain.length < 4 || /\d/.test(plain)) continue;
        const ids = sharing.get(stem) ?? new Set();
        sharing.set(stem, ids.add(id));
      }
    }
    const counts = this.#ingredientCounts();
    const common = Math.max(4, this.catalog.recordCount / 150);
    for (const [stem, ids] of sharing) {
      if (ids.size > mostSharing || (this.catalog.frequencies.get(stem) ?? 0) > common) continue;
      if (this.#hasOtherMeaning(stem) || (counts.get(stem) ?? 0) > rareIngredient) continue;
      this.partialNames.set(stem, [...ids]);
    }
  }

  /** Records that have a stem among their ingredients. */
  #ingredientCounts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const [value, count] of this.fields("ingredients").flatMap(({ values }) => values)) {
      for (const { stem } of readWords(value)) counts.set(stem, (counts.get(stem) ?? 0) + count);
    }
    return counts;
  }

  #hasOtherMeaning(stem: string): boolean {
    return (
      this.questionStems.has(stem) ||
      this.outsideStems.has(stem) ||
      this.names.get(stem).length > 0 ||
      [this.diets, this.allergens, this.places, this.values, this.facts].some(
        (table) => table.get(stem).length > 0,
      )
    );
  }

  #addVocabulary(): void {
    const { diets, allergens, places, facts } = this.vocabulary;
    if (this.holdsFoods) {
      for (const diet of diets) for (const phrase of diet.words) this.diets.add(phrase, diet);
      for (const family of allergens) for (const phrase of family.words) this.allergens.add(phrase, family);
    }
    for (const fact of facts) for (const phrase of fact.words) this.facts.add(phrase, fact);
    const known = new Set(places.map(({ name }) => phraseKey(name)));
    for (const place of places)
      for (const phrase of [place.name, ...place.words]) this.places.add(phrase, place);
    for (const role of ["region", "continent"] as const) {
      for (const [value] of this.fields(role).flatMap(({ values }) => values)) {
        for (const part of value.split(/[,/&]| and /)) {
          const key = phraseKey(part);
          if (key === "" || known.has(key) || isVague(part)) continue;
          known.add(key);
          this.places.add(part, { name: part.trim(), words: [] });
        }
      }
    }
  }

  #addValues(): void {
    for (const role of valueRoles) {
      for (const [value] of this.fields(role).flatMap(({ values }) => values)) {
        if (phraseKey(value) === "ingredi" || isVague(value)) continue;
        for (const part of new Set([value, ...value.split(/[/,]/)]))
          this.values.add(part, { role, name: part.trim() });
      }
      for (const [value, words] of Object.entries(this.vocabulary.values[role] ?? {})) {
        if (this.fields(role).length === 0) continue;
        for (const phrase of words) this.values.add(phrase, { role, name: value });
      }
    }
    for (const [value] of this.fields("ingredients").flatMap(({ values }) => values)) {
      this.ingredients.add(value, true);
      const head = readWords(value).at(-1);
      if (head && head.plain.length > 2) this.ingredients.add(head.plain, true);
    }
  }

  #buildSpelling(): Spelling {
    const spelling = new Spelling();
    for (const [name] of this.catalog.names) {
      const words = readWords(name);
      for (const { plain, isStop } of words)
        if (!isStop) spelling.add(plain, 1, words.length === 1 ? "name" : "name word");
    }
    for (const [plain, count] of this.catalog.spellings) spelling.add(plain, count, "word");
    const { places, diets, allergens, facts, synonyms, questionWords, outside, values } = this.vocabulary;
    const phrases = [
      ...places.flatMap(({ name, words }) => [name, ...words]),
      ...diets.flatMap(({ words }) => words),
      ...allergens.flatMap(({ words, foods }) => [...words, ...foods]),
      ...facts.flatMap(({ words }) => words),
      ...synonyms.flat(),
      ...questionWords,
      ...outside,
      ...Object.values(values).flatMap((byValue) => Object.values(byValue).flat()),
    ];
    for (const phrase of phrases) {
      for (const { plain } of readWords(phrase)) if (!isStopWord(plain)) spelling.add(plain, 2, "word");
    }
    return spelling;
  }
}

/** Words of the middle one of all names; 0 without names. */
function usualLength(names: Catalog["names"]): number {
  const lengths = names.map(([name]) => name.split(/\s+/).length).sort((left, right) => left - right);
  return lengths[lengths.length >> 1] ?? 0;
}

/** Values that stand for no place and no kind in particular. */
function isVague(value: string): boolean {
  return /^(unknown|general|various|global|other|none|n\/a|world|international)$/i.test(value.trim());
}
