import { readWords } from "../vocabulary/words.ts";
import { correctionKey, type IgnoredParts } from "./ignored.ts";
import { foreignLanguage } from "./language.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Correction } from "./plan.ts";

/**
 * Corrects words that neither the data nor the vocabulary knows to the nearest ones that they do.
 *
 * @example correctWords("biriyani from India", lexicon, nothingIgnored).text // "biryani from India"
 */
export function correctWords(
  question: string,
  lexicon: Lexicon,
  ignored: IgnoredParts,
): { text: string; corrections: readonly Correction[] } {
  const corrections: Correction[] = [];
  const language = foreignLanguage(question, lexicon) ?? "";
  const foreign = new Set(lexicon.vocabulary.languages[language]?.split(" "));
  let text = "";
  let position = 0;
  for (const word of readWords(question)) {
    if (ignored.has(correctionKey({ from: word.text }))) continue;
    if (word.isStop || isKnown(word.plain, word.stem, lexicon)) continue;
    if (foreign.has(word.text.toLowerCase())) continue;
    const to = lexicon.spelling.correct(word.plain);
    if (to === undefined) continue;
    corrections.push({ from: word.text, to });
    text += question.slice(position, word.start) + to;
    position = word.end;
  }
  return { text: text + question.slice(position), corrections };
}

/** The spelling comes last: it takes a while to build. */
function isKnown(plain: string, stem: string, lexicon: Lexicon): boolean {
  return (
    lexicon.catalog.frequencies.has(stem) ||
    lexicon.questionStems.has(stem) ||
    lexicon.outsideStems.has(stem) ||
    lexicon.places.valuesOf(stem).length > 0 ||
    lexicon.spelling.isKnown(plain)
  );
}
