import type { PhraseTable } from "../vocabulary/phrases.ts";
import {
  type AllergenFamily,
  type DietRule,
  type FactRule,
  factNamed,
  type Nutrient,
  type Place,
} from "../vocabulary/vocabulary.ts";
import { phraseKey, type Word } from "../vocabulary/words.ts";
import { isRecorded } from "./constraints.ts";
import type { Lexicon, NamedValue } from "./lexicon.ts";

/** A phrase of a question with all its possible meanings. */
export interface Span {
  /** Place of its first word. */
  readonly from: number;
  /** Place after its last word. */
  readonly to: number;
  readonly text: string;
  /** Ids of the records that it names. */
  readonly ids: readonly string[];
  /** Whether it is only one distinctive word of a longer name. */
  readonly isPartialName: boolean;
  readonly diet?: DietRule;
  readonly allergen?: AllergenFamily;
  readonly place?: Place;
  readonly value?: NamedValue;
  readonly fact?: FactRule;
  readonly nutrient?: Nutrient;
  readonly isIngredient: boolean;
}

/** Whether a phrase means something that a dish can contain. */
export function isMatter({ allergen, isIngredient, ids }: MatterOf): boolean {
  return allergen !== undefined || isIngredient || ids.length > 0;
}

type MatterOf = Pick<Span, "isIngredient" | "ids"> & { readonly allergen?: AllergenFamily | undefined };

const clauseEnd = /[;!?]|\.\s/;

/**
 * The phrases of a question that have a meaning, in the order of the question. Longer phrases win, and phrases do not
 * overlap.
 */
export function findSpans(text: string, words: readonly Word[], lexicon: Lexicon): Span[] {
  const candidates: Span[] = [];
  for (let from = 0; from < words.length; from++) {
    // `Peanuts; curry ideas` names no peanut curry.
    const stop = words.findIndex(
      ({ start }, place) => place > from && clauseEnd.test(text.slice(words[place - 1]?.end, start)),
    );
    const clause = stop < 0 ? words : words.slice(0, stop);
    for (const to of lengthsAt(clause, from, lexicon)) candidates.push(toSpan(words, from, to, lexicon));
  }
  candidates.sort((left, right) => right.to - right.from - (left.to - left.from) || left.from - right.from);
  const taken = new Array<boolean>(words.length).fill(false);
  const chosen: Span[] = [];
  for (const span of candidates) {
    if (taken.slice(span.from, span.to).some(Boolean)) continue;
    taken.fill(true, span.from, span.to);
    chosen.push(span);
  }
  return chosen.sort((left, right) => left.from - right.from);
}

/** Where phrases that begin at a word end. */
function lengthsAt(words: readonly Word[], from: number, lexicon: Lexicon): Set<number> {
  const ends = new Set<number>();
  const { names, diets, allergens, places, values, ingredients, facts, nutrients } = lexicon;
  const tables: PhraseTable<unknown>[] = [
    names,
    diets,
    allergens,
    places,
    values,
    ingredients,
    facts,
    nutrients,
  ];
  for (const table of tables) {
    const mention = table.longestAt(words, from);
    // A single stop word is not a name, except in capitals (US).
    const word = words[from] as Word;
    const isShort = mention !== undefined && mention.to === from + 1 && word.stem.length < 3;
    if (isShort && !/^[A-Z]{2,}$/.test(word.text)) continue;
    const isFact = table === facts;
    if (mention && !(!isFact && mention.to === from + 1 && word.isStop && !/^[A-Z]{2,}$/.test(word.text)))
      ends.add(mention.to);
  }
  if (partialNameIds(words[from] as Word, lexicon).length > 0) ends.add(from + 1);
  return ends;
}

function toSpan(words: readonly Word[], from: number, to: number, lexicon: Lexicon): Span {
  const part = words.slice(from, to);
  const key = part.map(({ stem }) => stem).join(" ");
  const exactly = <T>(table: PhraseTable<T>): readonly T[] => table.valuesOf(key);
  const named = exactly(lexicon.names);
  const ids = named.length > 0 || part.length > 1 ? named : partialNameIds(part[0] as Word, lexicon);
  const [diet] = exactly(lexicon.diets);
  const [allergen] = exactly(lexicon.allergens);
  const isIngredient = exactly(lexicon.ingredients).length > 0;
  const places = exactly(lexicon.places);
  const isPlace = places.length > 0 && (!isIngredient || isWrittenAsPlace(words, from));
  const [place] = isPlace ? places : [];
  // Of a type and a meal of one name, the one that records have.
  const namedValues = exactly(lexicon.values);
  const value = namedValues.find((each) => isRecorded(each, lexicon)) ?? namedValues[0];
  // `more iron` asks for the amount of a nutrient.
  const [nutrient] = lexicon.nutrients.findAll(part).find(({ to: end }) => end === part.length)?.values ?? [];
  const [fact = nutrient && factNamed("nutrition")] = exactly(lexicon.facts);
  return {
    from,
    to,
    text: part.map(({ text }) => text).join(" "),
    ids,
    isPartialName: ids.length > 0 && named.length === 0,
    ...(diet && { diet }),
    ...(allergen && { allergen }),
    ...(place && { place }),
    ...(value && { value }),
    ...(fact && { fact }),
    ...(nutrient && { nutrient }),
    isIngredient: isIngredient && !isPlace,
  };
}

/** `a soup from turkey`, `Is it from Turkey?`, but not `turkey soup`. */
function isWrittenAsPlace(words: readonly Word[], from: number): boolean {
  const previous = words[from - 1];
  if (previous === undefined) return false;
  return /^(?:from|in|outside|of)$/.test(previous.plain) || /^\p{Lu}/u.test(words[from]?.text ?? "");
}

function partialNameIds(word: Word, { partialNames, synonyms }: Lexicon): readonly string[] {
  if (partialNames === undefined) return [];
  const own = partialNames.get(word.stem);
  if (own) return own;
  for (const other of synonyms.valuesOf(word.stem)) {
    const ids = partialNames.get(phraseKey(other));
    if (ids) return ids;
  }
  return [];
}
