import { isStopWord } from "../../embedding/tokenizer.ts";
import { readWords } from "../vocabulary/words.ts";
import { foreignWithout } from "./exclusion-words.ts";
import type { Lexicon } from "./lexicon.ts";

/** Letters of scripts that English does not use. */
const otherScript = /^(?!\p{Script=Latin})\p{L}/u;

/** A word of this share of the records belongs to the language of the data. */
const ownShare = 0.02;

/** Words for `without`, in the languages that are recognised. */
const excluding = new RegExp(
  `(?<!\\p{L})(?:${foreignWithout}|kein\\p{L}*|geen|al+[eé]rg\\p{L}*|intol[eé]ran\\p{L}*)(?!\\p{L})`,
  "iu",
);

/**
 * The language of a question that is not English: `German`; `another language` for one in another script. `undefined`
 * for English, for names, and for words of the data.
 */
export function foreignLanguage(
  question: string,
  { vocabulary, catalog, isAboutFood }: Lexicon,
): string | undefined {
  if (!isAboutFood || catalog.recordCount === 0) return undefined;
  const words = readWords(question);
  const isOwn = (stem: string) => (catalog.frequencies.get(stem) ?? 0) > catalog.recordCount * ownShare;
  const foreign = words.filter(({ stem }) => !isOwn(stem));
  if (foreign.length > 0 && words.every(({ text }) => otherScript.test(text))) return "another language";
  const englishCount = words.filter(({ text }) => isStopWord(text)).length;
  const counts = Object.entries(vocabulary.languages).map(([language, known]) => {
    const count = foreign.filter(({ text }) => known.split(" ").includes(text.toLowerCase())).length;
    return { language, count };
  });
  const [best] = counts.sort((left, right) => right.count - left.count);
  return best && best.count > englishCount ? best.language : undefined;
}

/** Whether a question in another language leaves something out. */
export function leavesOut(question: string): boolean {
  return excluding.test(question);
}
