import { termsAmong, tokenize } from "../../embedding/tokenizer.ts";
import { BoundedCache } from "../../foundation/bounded-cache.ts";
import type { Match } from "../../store/document.ts";
import { type Catalog, rarity } from "../catalog/catalog.ts";
import { wordsOfRecord } from "../source.ts";

/** Which matches of a store count. Scores of different kinds of index do not compare. */
export interface Relevance {
  /** Matches that score less are not relevant. */
  readonly minimumScore?: number;
  /** Whether the store ranks by common words alone; a match then needs some of the question's to count. */
  readonly isLexical?: boolean;
  /** For an index with vectors of words and of meaning: what the latter count, 0 to 1. */
  readonly denseWeight?: number;
}

/**
 * Share of a question's information that its best record has to hold: the rarities (BM25's inverse document
 * frequencies) of the words that they share, by those of all words. If no record holds it, the question is about
 * something else. Measured on the tune split of the golden questions.
 */
const bestShareWanted = 0.4;

/** So many shared words make a long question relevant, even with a small share. Measured on NFCorpus dev. */
const sharedTermsWanted = 3;

/** With two shared words, less is enough: an unknown third one may be an error. */
const shareOfTwo = 0.3;

/** A record may hold so much less than the best one. Measured on both. */
const shareOfBest = 0.2;

/** How much of a question a record's text and fields hold. */
export interface Overlap {
  /** By rarity, 0 to 1; 1 for a question without terms. */
  readonly share: number;
  /** Words that they share. */
  readonly termCount: number;
}

export function overlapOf(terms: readonly string[], match: Match, catalog: Catalog): Overlap {
  if (terms.length === 0) return { share: 1, termCount: 0 };
  const held = heldOf(terms, match, catalog);
  let total = 0;
  let shared = 0;
  let termCount = 0;
  for (const term of terms) {
    const weight = rarity(catalog, term);
    total += weight;
    if (!held.has(term)) continue;
    shared += weight;
    termCount++;
  }
  return { share: total === 0 ? 1 : shared / total, termCount };
}

/** Those of a question's terms that a record has, in its text or in a field. */
export function sharedTerms(terms: readonly string[], match: Match, catalog: Catalog): string[] {
  const held = heldOf(terms, match, catalog);
  return terms.filter((term) => held.has(term));
}

/** Decides which of a question's matches are relevant, one after another in the order of their scores. */
export class RelevanceGate {
  #best = 0;
  #isOpen = false;

  /** Whether the record may be relevant, judged by those before it. */
  admits({ share, termCount }: Overlap): boolean {
    this.#best = Math.max(this.#best, share);
    this.#isOpen ||=
      share >= bestShareWanted || termCount >= sharedTermsWanted || (termCount >= 2 && share >= shareOfTwo);
    return share >= this.#best * shareOfBest;
  }

  /** Whether a record that was admitted still is near the best one. */
  keeps({ share }: Overlap): boolean {
    return this.#isOpen && share >= this.#best * shareOfBest;
  }
}

/** Characters of the records whose terms are kept, and of the longest of them. */
const mostCharactersKept = 4_000_000;
const longestKept = 4_000;

/** The records of a larger index seldom come back. */
const mostRecordsKept = 4_000;

const termsByText = new BoundedCache<string, ReadonlySet<string>>(mostCharactersKept, ({ size }) => size * 8);

/** The terms that a record has, in its text or in a field. */
function heldOf(terms: readonly string[], match: Match, catalog: Catalog): ReadonlySet<string> {
  const text = wordsOfRecord(match);
  // All terms of a text take longer than those of a question.
  if (catalog.recordCount > mostRecordsKept || text.length > longestKept)
    return termsAmong(text, new Set(terms));
  return termsByText.getOrMake(text, () => new Set(tokenize(text)));
}
