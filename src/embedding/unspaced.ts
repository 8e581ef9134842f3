/** Scripts without spaces between words, and Korean, whose words have endings. */
const unspacedRun =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}][\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\p{M}]*/gu;

const unspacedLetter =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

/** A letter with its marks. */
const cluster = /\P{M}\p{M}*/gu;

let segmenter: Intl.Segmenter | undefined;

/** A piece of a word: of a script without blanks, or not. */
export interface ScriptRun {
  readonly text: string;
  readonly isUnspaced: boolean;
}

/** Whether a word has a letter of a script without blanks. */
export function isUnspaced(word: string): boolean {
  return unspacedLetter.test(word);
}

/** Splits a word between a script with spaces and one without: `iPhone韓国`. */
export function scriptRuns(word: string): ScriptRun[] {
  if (!isUnspaced(word)) return [{ text: word, isUnspaced: false }];
  const runs: ScriptRun[] = [];
  let end = 0;
  for (const { 0: text, index } of word.matchAll(unspacedRun)) {
    if (index > end) runs.push({ text: word.slice(end, index), isUnspaced: false });
    runs.push({ text, isUnspaced: true });
    end = index + text.length;
  }
  if (end < word.length) runs.push({ text: word.slice(end), isUnspaced: false });
  return runs;
}

/**
 * The terms of a run without spaces: each pair of adjacent letters, which matches any substring of two letters or more,
 * and the longer words that ICU's dictionaries find. A run of one letter is one term.
 */
export function unspacedTerms(run: string): string[] {
  const letters = run.match(cluster) ?? [];
  if (letters.length < 2) return letters;
  const pairs = letters.slice(1).map((letter, place) => `${letters[place]}${letter}`);
  segmenter ??= new Intl.Segmenter("en", { granularity: "word" });
  const words = Array.from(segmenter.segment(run), ({ segment }) => segment);
  return [...pairs, ...words.filter((word) => word.match(cluster)?.length !== 2)];
}
