import { oncePer } from "../../foundation/once-per.ts";
import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import { ExactPhrases } from "../vocabulary/phrases.ts";
import { type Nutrient, readVocabulary } from "../vocabulary/vocabulary.ts";
import { readWords } from "../vocabulary/words.ts";

/** Words right before a nutrient of which a food has little or nothing. */
const littleBefore =
  /\b(?:low(?:er)? in|less|little|poor in|not?|without|hardly any|lacks?|free of)\s+(?:[\p{L}-]+\s+(?:and|or)\s+)?$/iu;

const phrasesOf = oncePer(({ words, exceptions = [] }: Nutrient) => new ExactPhrases(words, exceptions));

/** Whether a text says that a food is a source of a nutrient: `high in iron`, but neither `low in iron` nor `cast iron`. */
export function isSourceOf(source: Pick<Source, "text">, nutrient: Nutrient): boolean {
  return textsBefore(source, nutrient).some((before) => !littleBefore.test(before));
}

/** Whether a text says that a food has little or nothing of a nutrient. */
export function isLowIn(source: Pick<Source, "text">, nutrient: Nutrient): boolean {
  return textsBefore(source, nutrient).some((before) => littleBefore.test(before));
}

/** The nutrients that a text names. */
export function nutrientsIn(text: string): Nutrient[] {
  const words = readWords(text);
  return readVocabulary().nutrients.filter((nutrient) => phrasesOf(nutrient).isIn(words));
}

/** What stands before a nutrient in each sentence that names it. */
function textsBefore({ text }: Pick<Source, "text">, nutrient: Nutrient): string[] {
  return splitSentences(text).flatMap((sentence) => {
    const words = readWords(sentence);
    const found = phrasesOf(nutrient).findAll(words);
    return found.map(({ from }) => sentence.slice(0, words[from]?.start));
  });
}
