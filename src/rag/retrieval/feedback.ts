import type { Match } from "../../store/document.ts";
import { type Catalog, rarity } from "../catalog/catalog.ts";
import { termsOf } from "../vocabulary/terms.ts";

/** Matches that further terms are taken from, and how many terms (Lavrenko and Croft, 2001: RM3 takes 10 and 10). */
const feedbackMatches = 10;
const feedbackTerms = 10;

/**
 * Weight of terms from the best matches relative to those of the question: 0.1 to 0.3 helped equally on NFCorpus train.
 */
const feedbackWeight = 0.2;

/** Terms that the best matches of a search share, and that the question lacks: pseudo relevance feedback. */
export function feedbackText(terms: readonly string[], matches: readonly Match[], catalog: Catalog): string {
  const asked = new Set(terms);
  const weights = new Map<string, number>();
  for (const { text = "", score } of matches.slice(0, feedbackMatches)) {
    const own = termsOf(text);
    for (const term of own) {
      if (asked.has(term) || term.length < 3) continue;
      weights.set(term, (weights.get(term) ?? 0) + score / own.length);
    }
  }
  return [...weights]
    .map(([term, weight]) => [term, weight * rarity(catalog, term)] as const)
    .sort((left, right) => right[1] - left[1])
    .slice(0, feedbackTerms)
    .map(([term]) => term)
    .join(" ");
}

/** The matches of a question and of its feedback in one ranking: BM25 adds over terms, so the scores do too. */
export function withFeedback(matches: readonly Match[], feedback: readonly Match[]): Match[] {
  const scores = new Map(feedback.map(({ id, score }) => [id, score * feedbackWeight]));
  return matches
    .map((match) => ({ match, total: match.score + (scores.get(match.id) ?? 0) }))
    .sort((left, right) => right.total - left.total)
    .map(({ match }) => match);
}
