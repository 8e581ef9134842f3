import { stemmer } from "stemmer";
import { foldText } from "./fold.ts";
import { scriptRuns, unspacedTerms } from "./unspaced.ts";

/**
 * Increases with every change that may give a text other terms. An index stores the version of its postings and
 * rebuilds them if it differs. Version 1 split words at soft hyphens and had neither full case folding nor support for
 * scripts without spaces.
 */
export const tokenizerVersion = 2;

const word = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:'[\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;
const possessive = /'s$/;
const isAscii = /^[\x20-\x7e]*$/;

/** `I'm`, `they're`, `that'll`. */
const pronounWithVerb = /^(?:i|you|he|she|it|we|they|who|what|that|there|where|how)'(?:m|re|s|ll|ve|d)$/;

/**
 * English stop words: function words, and common verbs and phrases of questions ("tell me", "come from", "made with").
 */
const stopWords = new Set(
  `a about above after again against all also am an and any are aren't as at be because been before being
  below between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down
  during each few for from further had hadn't has hasn't have haven't having he her here hers herself him
  himself his how i if in into is isn't it it's its itself just let's me more most my myself no nor not now
  of off on once only or other our ours ourselves out over own same she should shouldn't so some such than
  that that's the their theirs them themselves then there there's these they this those through to too
  under until up us very was wasn't we were weren't what what's when where which while who who's whom whose
  why will with won't would wouldn't you your yours yourself yourselves
  also another anything around back became become becomes came come comes coming else ever every everything
  find get gets getting give gives go goes going got know like made make makes many may might much must name
  need one please shall show shows something tell thing things think try use used using want wants way well`.split(
    /\s+/,
  ),
);

/** Cache of stems, which repeat across texts. A look-up is much cheaper than stemming. */
const stems = new Map<string, string>();
const stemCacheSize = 50_000;
const longestWordCached = 32;

/** The Porter stem of a folded word. */
export function stem(token: string): string {
  const known = stems.get(token);
  if (known !== undefined) return known;
  if (token.length > longestWordCached) return stemmer(token);
  if (stems.size >= stemCacheSize) stems.clear();
  // A token is a slice that keeps the whole text in memory; a copy does not.
  const copy = Buffer.from(token).toString();
  const stemmed = stemmer(copy);
  stems.set(copy, stemmed);
  return stemmed;
}

/** A word without case, accents, possessive and apostrophes: `Bird’s` is `bird`, `Jalapeño` is `jalapeno`. */
export function foldWord(token: string): string {
  return withoutApostrophes(foldText(token));
}

function withoutApostrophes(folded: string): string {
  return folded.includes("'") ? folded.replace(possessive, "").replaceAll("'", "") : folded;
}

/** Whether a word is a stop word. */
export function isStopWord(token: string): boolean {
  const folded = foldText(token);
  return isStopTerm(folded) || pronounWithVerb.test(folded);
}

/** Whether `tokenize` drops a folded word. */
export function isStopTerm(folded: string): boolean {
  return stopWords.has(folded);
}

/**
 * The terms of a text, in order and with repeats: folded by `foldText`, English stop words dropped, the rest
 * stemmed (Porter, 1980). A run of a script without blanks (Chinese, Japanese, Thai, Khmer, Lao, Burmese;
 * also Korean) gives its words and its pairs of letters, so that `韓国` finds `韓国料理`.
 */
export function tokenize(text: string): string[] {
  return readTerms(text);
}

/** Those of some terms that a text has. Faster than `tokenize`, as stemming keeps the first letter of a word. */
export function termsAmong(text: string, wanted: ReadonlySet<string>): Set<string> {
  const initials = new Set(Array.from(wanted, (term) => term.charAt(0)));
  return new Set(readTerms(text, initials).filter((term) => wanted.has(term)));
}

/** @param initials first letters of the words in ASCII to read; default: all */
function readTerms(text: string, initials?: ReadonlySet<string>): string[] {
  const terms: string[] = [];
  for (const [token] of foldText(text).matchAll(word)) {
    if (initials?.has(token.charAt(0)) === false && isAscii.test(token)) continue;
    if (isStopTerm(token)) continue;
    for (const { text: run, isUnspaced } of scriptRuns(token)) {
      if (isUnspaced) terms.push(...unspacedTerms(run));
      else terms.push(stem(withoutApostrophes(run)));
    }
  }
  return terms;
}
