import { wordInText } from "../../embedding/fold.ts";
import { foldWord, isStopWord, stem } from "../../embedding/tokenizer.ts";
import { BoundedCache } from "../../foundation/bounded-cache.ts";

/** A word of a question or of a value, with its place in the text. */
export interface Word {
  /** As it is written. */
  readonly text: string;
  /** Without case, accents and possessive. */
  readonly plain: string;
  readonly stem: string;
  /** Whether it is a stop word. */
  readonly isStop: boolean;
  /** UTF-16 units into the text. */
  readonly start: number;
  readonly end: number;
}

/** Ingredients, allergens and clauses of one record are read once for each rule that looks at them. */
const mostKept = 20_000;
const longestKept = 200;
const read = new BoundedCache<string, readonly Word[]>(mostKept);

/** The words of a text in order, stop words included. A hyphen separates words: `gluten-free` is two. */
export function readWords(text: string): readonly Word[] {
  return text.length <= longestKept ? read.getOrMake(text, () => wordsOf(text)) : wordsOf(text);
}

function wordsOf(text: string): readonly Word[] {
  return Array.from(text.matchAll(wordInText), ({ 0: token, index }) => toWord(token, index));
}

/** The same words come back in names, values and vocabulary files. */
const forms = new Map<string, Pick<Word, "text" | "plain" | "stem" | "isStop">>();
const mostForms = 20_000;

function toWord(text: string, start: number): Word {
  let form = forms.get(text);
  if (form === undefined) {
    const plain = foldWord(text);
    form = { text, plain, stem: stem(plain), isStop: isStopWord(text) };
    if (forms.size >= mostForms) forms.clear();
    forms.set(text, form);
  }
  return { ...form, start, end: start + text.length };
}

/** What two spellings of one phrase have in common: their stems. */
export function phraseKey(text: string): string {
  return readWords(text)
    .map((each) => each.stem)
    .join(" ");
}

/** How a text writes its stems: the last form of each. */
export function writtenByStem(text: string): ReadonlyMap<string, string> {
  return new Map(readWords(text).map((word) => [word.stem, word.text]));
}
