import { tokenize } from "../../embedding/tokenizer.ts";
import type { Match } from "../../store/document.ts";
import { type Catalog, rarity } from "../catalog/catalog.ts";
import { textsOf } from "../catalog/roles.ts";

/** Which matches of a store count. Scores of different kinds of index do not compare. */
export interface Relevance {
  /** Matches that score less are not relevant. */
  readonly minimumScore?: number;
  /** Whether the store ranks by common words alone; a match then needs some of the question's to count. */
  readonly isLexical?: boolean;
}

/**
 * Share of the question's information that a relevant record holds: the rarities (BM25's inverse document
 * frequencies) of the words that they share, by those of all words. Measured on the tune split of the golden
 * questions and on NFCorpus dev.
 */
export const sharedRarityWanted = 0.4;

/** The share of a question's rarity that a record's text and fields hold, 0 to 1; 1 for a question without terms. */
export function sharedRarity(terms: readonly string[], match: Match, catalog: Catalog): number {
  let total = 0;
  let shared = 0;
  if (terms.length === 0) return 1;
  const held = stemsOf(match);
  for (const term of terms) {
    const weight = rarity(catalog, term);
    total += weight;
    if (held.has(term)) shared += weight;
  }
  return total === 0 ? 1 : shared / total;
}

/** The stems of everything that a record says. */
function stemsOf({ text, metadata }: Match): Set<string> {
  const { original_text: original, ...fields } = metadata ?? {};
  const texts = [
    typeof original === "string" ? original : (text ?? ""),
    ...Object.values(fields).flatMap(textsOf),
  ];
  return new Set(tokenize(texts.join("\n")));
}
