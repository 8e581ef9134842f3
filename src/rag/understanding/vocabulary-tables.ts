import { oncePer } from "../../foundation/once-per.ts";
import { PhraseTable, phraseTable, synonymTable } from "../vocabulary/phrases.ts";
import type {
  AllergenFamily,
  DietRule,
  FactRule,
  Nutrient,
  Place,
  Vocabulary,
} from "../vocabulary/vocabulary.ts";

/** The meanings of words that do not depend on the data: they outlive each catalog. */
export class VocabularyTables {
  readonly diets: PhraseTable<DietRule> = new PhraseTable();
  readonly allergens: PhraseTable<AllergenFamily> = new PhraseTable();
  readonly places: PhraseTable<Place> = new PhraseTable();
  readonly facts: PhraseTable<FactRule> = new PhraseTable();
  readonly nutrients: PhraseTable<Nutrient> = new PhraseTable();
  readonly synonyms: PhraseTable<string>;
  readonly questionStems: PhraseTable<true>;
  readonly outsideStems: PhraseTable<true>;
  readonly placeNames: PhraseTable<true>;

  constructor({ diets, allergens, places, facts, nutrients, synonyms, questionWords, outside }: Vocabulary) {
    for (const diet of diets) for (const phrase of diet.words) this.diets.add(phrase, diet);
    for (const family of allergens) for (const phrase of family.words) this.allergens.add(phrase, family);
    for (const fact of facts) for (const phrase of fact.words) this.facts.add(phrase, fact);
    for (const each of nutrients) for (const phrase of each.words) this.nutrients.add(phrase, each);
    for (const place of places)
      for (const phrase of [place.name, ...place.words]) this.places.add(phrase, place);
    this.synonyms = synonymTable(synonyms);
    this.questionStems = phraseTable(questionWords);
    this.outsideStems = phraseTable(outside);
    this.placeNames = phraseTable(places.map(({ name }) => name));
  }
}

/** The tables of a vocabulary, made once. */
export const tablesOf: (vocabulary: Vocabulary) => VocabularyTables = oncePer(
  (vocabulary) => new VocabularyTables(vocabulary),
);
