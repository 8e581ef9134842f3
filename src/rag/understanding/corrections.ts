import { readWords } from "../vocabulary/words.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Correction } from "./plan.ts";

/**
 * Corrects words that neither the data nor the vocabulary knows to the nearest ones that they do.
 *
 * @example correctWords("biriyani from India", lexicon).text // "biryani from India"
 */
export function correctWords(
  question: string,
  lexicon: Lexicon,
): { text: string; corrections: readonly Correction[] } {
  const corrections: Correction[] = [];
  let text = "";
  let position = 0;
  for (const word of readWords(question)) {
    if (word.isStop || isKnown(word.plain, word.stem, lexicon)) continue;
    const to = lexicon.spelling.correct(word.plain);
    if (to === undefined) continue;
    corrections.push({ from: word.text, to });
    text += question.slice(position, word.start) + to;
    position = word.end;
  }
  return { text: text + question.slice(position), corrections };
}

function isKnown(
  plain: string,
  stem: string,
  { spelling, catalog, questionStems, outsideStems }: Lexicon,
): boolean {
  return (
    spelling.isKnown(plain) ||
    catalog.frequencies.has(stem) ||
    questionStems.has(stem) ||
    outsideStems.has(stem)
  );
}
