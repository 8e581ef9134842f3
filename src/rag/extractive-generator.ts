import { tokenize } from "../embedding/tokenizer.ts";
import type { GenerationRequest, Generator } from "./generator.ts";
import { splitSentences } from "./sentences.ts";
import type { Source } from "./source.ts";

/** Sentences in an answer. */
const sentencesQuoted = 4;

/** Of these, at most so many from one source. */
const sentencesPerSource = 2;

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
    const chosen = chooseSentences(question, sources);
    for (const [place, { sentence, source }] of chosen.entries()) {
      yield `${place === 0 ? "" : " "}${sentence} [${source.number}]`;
    }
  }
}

/**
 * Sentences picked one after the other, each for the terms of the question that it adds to those already
 * covered, rare terms counting for more; then in the order of their sources. The first sentence of the
 * best source is always there: it says what the food is.
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
  const chosen = candidates.slice(0, 1);
  const covered = new Map<string, number>();
  for (const candidate of chosen) cover(covered, candidate);
  while (chosen.length < sentencesQuoted) {
    const best = pickNext(candidates, chosen, covered, weights);
    if (best === undefined) break;
    chosen.push(best);
    cover(covered, best);
  }
  return chosen.sort((left, right) => left.source.number - right.source.number || left.place - right.place);
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

function cover(covered: Map<string, number>, { terms }: Candidate): void {
  for (const term of terms) covered.set(term, (covered.get(term) ?? 0) + 1);
}

/** A term counts half as much each time that it has been covered; an opening sentence counts for more. */
function pickNext(
  candidates: readonly Candidate[],
  chosen: readonly Candidate[],
  covered: ReadonlyMap<string, number>,
  weights: ReadonlyMap<string, number>,
): Candidate | undefined {
  let best: Candidate | undefined;
  let bestGain = 0;
  for (const candidate of candidates) {
    if (chosen.includes(candidate)) continue;
    if (chosen.filter(({ source }) => source === candidate.source).length >= sentencesPerSource) continue;
    let gain = 0;
    for (const term of candidate.terms) gain += (weights.get(term) ?? 0) / 2 ** (covered.get(term) ?? 0);
    if (candidate.place === 0) gain *= 1.5;
    if (gain > bestGain) {
      best = candidate;
      bestGain = gain;
    }
  }
  return best;
}
