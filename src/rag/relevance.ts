import { tokenize } from "../embedding/tokenizer.ts";
import type { Match } from "../store/document.ts";

/** Terms of a question that a relevant text shares with it, at most. */
const sharedTermsWanted = 2;

/**
 * Whether a match of a lexical search is about the question: it shares two of its terms (half of them
 * where it has fewer than four), or its text begins with one, as that of a food which the question
 * names does. BM25 ranks by any common word, so "How do I fix a flat tire?" finds a
 * flatbread; its scores depend on the size of the collection and allow no fixed threshold.
 */
export function sharesTerms(question: string, match: Match): boolean {
  const wanted = new Set(tokenize(question));
  const needed = Math.min(sharedTermsWanted, Math.ceil(wanted.size / 2));
  const terms = tokenize(match.text ?? "");
  const shared = new Set(terms.filter((term) => wanted.has(term)));
  return shared.size >= needed || wanted.has(terms[0] ?? "");
}
