import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import { termsOf } from "../vocabulary/terms.ts";
import { factNamed } from "../vocabulary/vocabulary.ts";

/** The sentences of a source that state a fact, best first: those with most of its cues. */
export function sentencesAbout(
  source: Source,
  fact: string,
  terms: ReadonlySet<string>,
  count: number,
): string[] {
  const cues = factNamed(fact)?.cues ?? [];
  if (cues.length === 0) return [];
  const pattern = beginningWith(cues, "gi");
  return splitSentences(source.text)
    .map((text, place) => {
      const hits = new Set((text.match(pattern) ?? []).map((cue) => cue.toLowerCase())).size;
      const shared = termsOf(text).filter((term) => terms.has(term)).length;
      return { text, place, score: hits === 0 ? 0 : hits + shared };
    })
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score || left.place - right.place)
    .slice(0, count)
    .sort((left, right) => left.place - right.place)
    .map(({ text }) => text);
}

/** A pattern for words that begin with one of some texts. */
export function beginningWith(texts: readonly string[], flags: string): RegExp {
  const escaped = texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`\\b(?:${escaped.join("|")})`, flags);
}

/** The sentence of a text that shares most with a question; the first one of equals. */
export function bestSentence(source: Source, terms: ReadonlySet<string>): string {
  const sentences = splitSentences(source.text);
  let best = sentences[0] ?? "";
  let bestScore = 0;
  for (const sentence of sentences) {
    const shared = new Set(termsOf(sentence).filter((term) => terms.has(term))).size;
    if (shared > bestScore) {
      best = sentence;
      bestScore = shared;
    }
  }
  return best;
}
