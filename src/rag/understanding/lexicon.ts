import { isStopWord } from "../../embedding/tokenizer.ts";
import { hasFoodField, holdsFoods, isAboutFood } from "../catalog/about-food.ts";
import { type Catalog, type CatalogField, fieldsOf } from "../catalog/catalog.ts";
import { initialOf, lastInitialOf } from "../vocabulary/initials.ts";
import { PhraseTable } from "../vocabulary/phrases.ts";
import {
  type AllergenFamily,
  type DietRule,
  dietsWithin,
  type FactRule,
  type FieldRole,
  type Nutrient,
  type Place,
  type Vocabulary,
} from "../vocabulary/vocabulary.ts";
import { phraseKey, readWords } from "../vocabulary/words.ts";
import { PartialNames } from "./partial-names.ts";
import { Spelling } from "./spelling.ts";
import { tablesOf, type VocabularyTables } from "./vocabulary-tables.ts";

/** A value of a field, as a question may name it. */
export interface NamedValue {
  readonly role: "type" | "meal" | "season" | "occasion";
  readonly name: string;
}

/** A word of this share of the records is no sign that a question is about something else. */
const commonShare = 0.02;

const valueRoles = ["type", "meal", "season", "occasion"] as const;

/** All meanings of words in questions, prepared for one catalog. */
export class Lexicon {
  readonly catalog: Catalog;
  readonly vocabulary: Vocabulary;
  /** Ids of records by name. */
  readonly names: PhraseTable<string> = new PhraseTable((key) => this.#idsBySynonym(key));
  /** The same by one distinctive word of a longer name. */
  readonly partialNames: PartialNames | undefined;
  /** How the data writes a name, by id. */
  readonly nameById: Map<string, string> = new Map();
  readonly diets: PhraseTable<DietRule>;
  readonly allergens: PhraseTable<AllergenFamily>;
  readonly places: PhraseTable<Place>;
  readonly values: PhraseTable<NamedValue> = new PhraseTable();
  readonly ingredients: PhraseTable<true> = new PhraseTable();
  readonly facts: PhraseTable<FactRule>;
  readonly nutrients: PhraseTable<Nutrient>;
  readonly synonyms: PhraseTable<string>;
  /** Whether the vocabulary fits the records. Otherwise only their own words and places have a meaning. */
  readonly isAboutFood: boolean;
  /** Whether the records are about foods, one each. */
  readonly holdsFoods: boolean;
  readonly questionStems: PhraseTable<true>;
  readonly outsideStems: Pick<PhraseTable<true>, "has">;
  readonly #tables: VocabularyTables;
  #spelling: Spelling | undefined;

  constructor(catalog: Catalog, vocabulary: Vocabulary) {
    this.catalog = catalog;
    this.vocabulary = vocabulary;
    const tables = tablesOf(vocabulary);
    this.#tables = tables;
    this.questionStems = tables.questionStems;
    // Without a field of foods the records may be about anything that they mention.
    const common = hasFoodField(catalog) ? Math.max(3, catalog.recordCount * commonShare) : 0;
    const isRare = (stem: string) => (catalog.frequencies.get(stem) ?? 0) <= common;
    this.isAboutFood = isAboutFood(catalog);
    this.holdsFoods = holdsFoods(catalog);
    this.outsideStems = {
      has: (stem) => this.holdsFoods && tables.outsideStems.has(stem) && isRare(stem),
    };
    this.synonyms = this.isAboutFood ? tables.synonyms : new PhraseTable();
    this.facts = this.isAboutFood ? tables.facts : new PhraseTable();
    this.nutrients = this.holdsFoods ? tables.nutrients : new PhraseTable();
    this.diets = this.holdsFoods ? tables.diets : new PhraseTable();
    this.allergens = this.holdsFoods ? tables.allergens : new PhraseTable();
    this.places = new PhraseTable(undefined, tables.places);
    if (this.holdsFoods) this.#addNames();
    this.#addPlacesOfData();
    if (this.isAboutFood) this.#addValues();
    if (this.holdsFoods) {
      this.partialNames = new PartialNames(catalog, (stem) => this.#hasOtherMeaning(stem));
    }
  }

  /** Built for the first unknown word in a question. */
  get spelling(): Spelling {
    this.#spelling ??= this.#buildSpelling();
    return this.#spelling;
  }

  /** Fields of a role that the data has. */
  fields(role: FieldRole): CatalogField[] {
    return fieldsOf(this.catalog, role);
  }

  /** Whether any record is labelled with a diet, or with a stricter one. */
  isLabelled(diet: string): boolean {
    const keys = new Set(dietsWithin(diet).flatMap(({ values }) => values.map(phraseKey)));
    return this.fields("diet").some(({ values }) => values.some(([value]) => keys.has(phraseKey(value))));
  }

  #addNames(): void {
    for (const [name, id] of this.catalog.names) {
      if (!this.nameById.has(id)) this.nameById.set(id, name);
      this.names.add(name, id);
    }
    for (const phrase of this.vocabulary.synonyms.flat()) this.names.addName(phrase);
  }

  /** The record with the first name, in the order of the catalog, that is a synonym of a phrase. */
  #idsBySynonym(key: string): readonly string[] {
    const named = this.synonyms.valuesOf(key).filter((other) => this.names.getOwn(other).length > 0);
    if (named.length === 0) return [];
    const keys = new Set(named.map(phraseKey));
    const ids = new Set(named.flatMap((other) => this.names.getOwn(other)));
    const first = this.catalog.names.find(([name, id]) => ids.has(id) && keys.has(phraseKey(name)));
    return first === undefined ? [] : [first[1]];
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

  /** Regions and continents of the data that the vocabulary does not name. */
  #addPlacesOfData(): void {
    const { placeNames } = this.#tables;
    const added = new Set<string>();
    for (const role of ["region", "continent"] as const) {
      for (const [value] of this.fields(role).flatMap(({ values }) => values)) {
        for (const part of value.split(/[,/&()]| and /)) {
          if (part.trim() === "" || isVague(part)) continue;
          this.places.addLater(initialOf(part), () => {
            const key = phraseKey(part);
            if (placeNames.has(key) || added.has(key)) return undefined;
            added.add(key);
            return { phrase: part, value: { name: part.trim(), words: [] } };
          });
        }
      }
    }
  }

  #addValues(): void {
    for (const role of valueRoles) {
      for (const [value] of this.fields(role).flatMap(({ values }) => values)) {
        if (isVague(value) || (initialOf(value) === "i" && phraseKey(value) === "ingredi")) continue;
        for (const part of new Set([value, ...value.split(/[/,]/)]))
          this.values.add(part, { role, name: part.trim() });
      }
      for (const [value, words] of Object.entries(this.vocabulary.values[role] ?? {})) {
        if (this.fields(role).length === 0) continue;
        for (const phrase of words) this.values.add(phrase, { role, name: value });
      }
    }
    // No record lists `meat`; `pork free dishes` leaves out pork even where no field lists ingredients.
    if (this.holdsFoods) {
      const isListed = this.fields("ingredients").length > 0;
      for (const [family, members] of Object.entries(this.vocabulary.ingredientFamilies))
        for (const phrase of isListed ? [family] : [family, ...members]) this.ingredients.add(phrase, true);
    }
    // `Beef or pork` of one record are two ingredients.
    const listed = this.fields("ingredients").flatMap(({ values }) => values.map(([value]) => value));
    for (const value of listed.flatMap((each) => each.split(/ (?:or|and) /))) {
      this.ingredients.add(value, true);
      this.ingredients.addLater(lastInitialOf(value), () => {
        const head = readWords(value).at(-1);
        return head && head.plain.length > 2 ? { phrase: head.plain, value: true } : undefined;
      });
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
    if (!this.isAboutFood) return spelling;
    const { places, diets, allergens, facts, synonyms, questionWords, values } = this.vocabulary;
    const phrases = [
      ...places.flatMap(({ name, words }) => [name, ...words]),
      ...diets.flatMap(({ words }) => words),
      ...allergens.flatMap(({ words, foods }) => [...words, ...words.map((word) => `${word}free`), ...foods]),
      ...facts.flatMap(({ words }) => words),
      ...synonyms.flat(),
      ...questionWords,
      ...Object.values(values).flatMap((byValue) => Object.values(byValue).flat()),
    ];
    // `Chese` means cheese: a kind of food is as likely as the name of one.
    for (const phrase of Object.values(values.type ?? {}).flat())
      if (!/\s/.test(phrase)) spelling.add(readWords(phrase)[0]?.plain ?? phrase, 2, "name");
    for (const phrase of phrases) {
      for (const { plain } of readWords(phrase)) if (!isStopWord(plain)) spelling.add(plain, 2, "word");
    }
    return spelling;
  }
}

/** Values that mean no particular place or kind. */
function isVague(value: string): boolean {
  return /^(unknown|general|various|global|other|none|n\/a|world|international)$/i.test(value.trim());
}
