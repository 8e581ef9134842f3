import { tokenize } from "../../embedding/tokenizer.ts";
import { namesOf } from "../catalog/names.ts";
import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import { termsOf } from "../vocabulary/terms.ts";
import { type AnswerLine, line } from "./line.ts";

/** Sentences in an answer. */
const sentencesQuoted = 4;

/** Maximum of these from one source. */
const sentencesPerSource = 2;

/** How much more a sentence counts that opens its text: it says what the food is. */
const openingBonus = 1.5;

/** Sources that score less than this share of the best one are about something else. */
const nearBest = 0.6;

interface Candidate {
  readonly source: Source;
  readonly place: number;
  readonly text: string;
  readonly terms: ReadonlySet<string>;
}

/**
 * The sentences that bear most on a question: first the best one of each source near the best score, then those
 * that bring a term of the question which none has yet, rare terms counting for more. If no sentence shares a term
 * with the question, the first one of the best source: it says what the food is.
 */
export function findLines(question: string, sources: readonly Source[]): AnswerLine[] {
  const lines: AnswerLine[] = [];
  let previous: Source | undefined;
  for (const { source, place, text } of chooseSentences(question, sources)) {
    const [name] = namesOf(source);
    const isNamed =
      name === undefined ||
      place === 0 ||
      source === previous ||
      text.toLowerCase().includes(name.toLowerCase());
    lines.push(line(isNamed ? text : `${name}: ${text}`, source));
    previous = source;
  }
  return lines;
}

function chooseSentences(question: string, sources: readonly Source[]): Candidate[] {
  const wanted = new Set(tokenize(question));
  const best = sources[0]?.score ?? 0;
  const near = sources.filter(({ score }) => best <= 0 || score >= best * nearBest);
  const seen = new Set<string>();
  const candidates = near.flatMap((source) =>
    splitSentences(source.text).flatMap((text, place): Candidate[] => {
      if (seen.has(text)) return [];
      seen.add(text);
      return [{ source, place, text, terms: new Set(termsOf(text).filter((term) => wanted.has(term))) }];
    }),
  );
  const weights = termWeights(wanted, candidates);
  const chosen = near.slice(0, sentencesQuoted).flatMap((source) => {
    const own = candidates.filter((candidate) => candidate.source === source);
    return pickBest(own, new Set(), weights) ?? [];
  });
  while (chosen.length < sentencesQuoted) {
    const covered = new Set(chosen.flatMap(({ terms }) => [...terms]));
    const open = candidates.filter((candidate) => isOpen(candidate, chosen));
    const next = pickBest(open, covered, weights);
    if (next === undefined) break;
    chosen.push(next);
  }
  if (chosen.length === 0) return candidates.slice(0, 1);
  return chosen.sort((left, right) => left.source.number - right.source.number || left.place - right.place);
}

/** Not chosen yet, and of a source that may give another sentence. */
function isOpen(candidate: Candidate, chosen: readonly Candidate[]): boolean {
  const ofSource = chosen.filter(({ source }) => source === candidate.source);
  return ofSource.length < sentencesPerSource && !chosen.includes(candidate);
}

/** The inverse document frequency of each wanted term among the sentences. */
function termWeights(wanted: ReadonlySet<string>, candidates: readonly Candidate[]): Map<string, number> {
  const weights = new Map<string, number>();
  for (const term of wanted) {
    const containing = candidates.filter(({ terms }) => terms.has(term)).length;
    weights.set(term, Math.log(1 + candidates.length / (containing + 1)));
  }
  return weights;
}

/** The candidate that adds most to the terms covered, if any adds one; an opening sentence counts for more. */
function pickBest(
  candidates: readonly Candidate[],
  covered: ReadonlySet<string>,
  weights: ReadonlyMap<string, number>,
): Candidate | undefined {
  let best: Candidate | undefined;
  let bestGain = 0;
  for (const candidate of candidates) {
    let gain = 0;
    for (const term of candidate.terms) if (!covered.has(term)) gain += weights.get(term) ?? 0;
    if (candidate.place === 0) gain *= openingBonus;
    if (gain > bestGain) {
      best = candidate;
      bestGain = gain;
    }
  }
  return best;
}
