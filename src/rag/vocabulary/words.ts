import { wordInText } from "../../embedding/fold.ts";
import { foldWord, isStopWord, stem } from "../../embedding/tokenizer.ts";

/** A word of a question or of a value, with its place in the text. */
export interface Word {
  /** As it is written. */
  readonly text: string;
  /** Without case, accents and possessive. */
  readonly plain: string;
  readonly stem: string;
  /** Whether it carries no meaning of its own. */
  readonly isStop: boolean;
  /** UTF-16 units into the text. */
  readonly start: number;
  readonly end: number;
}

/** The words of a text in order, stop words included. A hyphen separates words: `gluten-free` is two. */
export function readWords(text: string): Word[] {
  return Array.from(text.matchAll(wordInText), ({ 0: token, index }) => toWord(token, index));
}

export function toWord(text: string, start: number, end: number = start + text.length): Word {
  const plain = foldWord(text);
  return { text, plain, stem: stem(plain), isStop: isStopWord(text), start, end };
}

/** What two spellings of one phrase have in common: their stems. */
export function phraseKey(text: string): string {
  return readWords(text)
    .map((each) => each.stem)
    .join(" ");
}
