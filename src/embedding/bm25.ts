import type { EmbeddingPurpose, SparseEmbedder, SparseVector } from "./embedder.ts";
import { tokenize } from "./tokenizer.ts";

/** Upstash's constants: term saturation, length normalisation, and a fixed average length in terms. */
const k1 = 1.2;
const b = 0.75;
const averageLength = 32;

/** Upstash takes at most this many non-zero entries a vector. */
const maximumEntries = 1_000;

/**
 * The place of a term in the sparse space: FNV-1a over its UTF-16 units, as a non-negative int32.
 * Among 100,000 terms about two pairs share a place, which costs a little precision and no correctness.
 */
function termIndex(term: string): number {
  let hash = 0x811c9dc5;
  for (let position = 0; position < term.length; position++) {
    hash ^= term.charCodeAt(position);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash & 0x7fffffff;
}

function countTerms(terms: readonly string[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const term of terms) {
    const index = termIndex(term);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return counts;
}

/** A part of a document: its text, or a field that describes it. */
export interface WeightedText {
  readonly text: string;
  /** How many times an occurrence counts. */
  readonly weight: number;
  /** Whether occurrences count less in a longer text; a list of values has no length to speak of. */
  readonly isNormalized: boolean;
}

/**
 * BM25F as a sparse embedding (Robertson, Zaragoza and Taylor, 2004): the occurrences of a term in all parts are
 * weighed and added before they saturate, `tf(k1+1) / (tf + k1)` with `tf = Σ weight·count / (1 − b + b·length/average)`.
 * Queries stay those of `bm25`.
 *
 * @param averageLength terms of the normalized parts of one document, on average
 */
export function embedWeighted(parts: readonly WeightedText[], averageLength: number): SparseVector {
  const frequencies = new Map<number, number>();
  for (const { text, weight, isNormalized } of parts) {
    const terms = tokenize(text);
    const norm = isNormalized ? 1 - b + (b * terms.length) / averageLength : 1;
    for (const [index, count] of countTerms(terms)) {
      frequencies.set(index, (frequencies.get(index) ?? 0) + (weight * count) / norm);
    }
  }
  return toVector(
    [...frequencies].map(([index, frequency]) => [index, (frequency * (k1 + 1)) / (frequency + k1)]),
  );
}

/** The entries as a vector, the heaviest of them if there are too many. */
function toVector(entries: readonly (readonly [index: number, weight: number])[]): SparseVector {
  const kept =
    entries.length > maximumEntries
      ? [...entries].sort((left, right) => right[1] - left[1]).slice(0, maximumEntries)
      : entries;
  return {
    indices: kept.map(([index]) => index),
    values: kept.map(([, weight]) => Math.fround(weight)),
  };
}

/**
 * BM25 as a sparse embedding. A document's term weighs `tf(k1+1) / (tf + k1(1 − b + b·length/32))`
 * (upstash/docs, sparse indexes), a query's term 1; the index applies the inverse document
 * frequency, with `weightingStrategy: "IDF"`.
 */
export const bm25: SparseEmbedder = {
  model: "BM25",
  embed(text: string, purpose: EmbeddingPurpose): SparseVector {
    const terms = tokenize(text);
    return purpose === "query" ? queryVector(terms) : documentVector(terms);
  },
};

function queryVector(terms: readonly string[]): SparseVector {
  const indices = [...countTerms(terms).keys()].slice(0, maximumEntries);
  return { indices, values: indices.map(() => 1) };
}

/** The vector of a document with these terms. */
export function documentVector(terms: readonly string[]): SparseVector {
  const counts = countTerms(terms);
  const saturation = k1 * (1 - b + (b * terms.length) / averageLength);
  return toVector(
    [...counts].map(([index, count]) => [index, (count * (k1 + 1)) / (count + saturation)] as const),
  );
}
