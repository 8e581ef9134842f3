import { tokenize } from "../embedding/tokenizer.ts";
import type { GenerationRequest, Generator } from "./generator.ts";
import { splitSentences } from "./sentences.ts";
import type { Source } from "./source.ts";

/** Sentences in an answer. */
const sentencesQuoted = 4;

/** Of these, at most so many from one source. */
const sentencesPerSource = 2;

/** How much more a sentence counts that opens its text: it names the food. */
const openingBonus = 1.5;

interface Candidate {
  readonly source: Source;
  readonly place: number;
  readonly sentence: string;
  readonly terms: ReadonlySet<string>;
}

/**
 * Answers without a model: quotes the sentences of the sources that bear most on the question, each with
 * its citation. It says nothing that a source does not say.
 */
export class ExtractiveGenerator implements Generator {
  readonly name = "extractive";

  async *generate({ question, sources }: GenerationRequest): AsyncGenerator<string> {
    let lastSource: Source | undefined;
    for (const candidate of chooseSentences(question, sources)) {
      const separator = lastSource === undefined ? "" : candidate.source === lastSource ? " " : "\n";
      const subject = candidate.source === lastSource ? "" : nameSubject(candidate);
      yield `${separator}${subject}${candidate.sentence} [${candidate.source.number}]`;
      lastSource = candidate.source;
    }
  }
}

/** A sentence from the middle of a text often says "it": the name of the food goes before. */
function nameSubject({ place, source, sentence }: Candidate): string {
  const { name } = source.metadata;
  return place === 0 || typeof name !== "string" || sentence.startsWith(name) ? "" : `${name}: `;
}

/**
 * First the best sentence of each source, then those that bring a term of the question which none has yet,
 * rare terms counting for more; in the order of the sources. Where no sentence shares a term with the
 * question, the first one of the best source: it says what the food is.
 */
function chooseSentences(question: string, sources: readonly Source[]): Candidate[] {
  const wanted = new Set(tokenize(question));
  const candidates = sources.flatMap((source) =>
    splitSentences(source.text).map((sentence, place): Candidate => {
      const terms = new Set(tokenize(sentence).filter((term) => wanted.has(term)));
      return { source, place, sentence, terms };
    }),
  );
  const weights = termWeights(wanted, candidates);
  const chosen = sources.slice(0, sentencesQuoted).flatMap((source) => {
    const own = candidates.filter((candidate) => candidate.source === source);
    return pickBest(own, new Set(), weights) ?? [];
  });
  while (chosen.length < sentencesQuoted) {
    const covered = new Set(chosen.flatMap(({ terms }) => [...terms]));
    const open = candidates.filter((candidate) => isOpen(candidate, chosen));
    const best = pickBest(open, covered, weights);
    if (best === undefined) break;
    chosen.push(best);
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
