import { UsageError } from "../foundation/errors.ts";
import type { Embedder } from "./embedder.ts";
import { tokenize } from "./tokenizer.ts";
import { lengthOf } from "./vector-length.ts";

/** What the trigrams of a word weigh together, in length; the word itself weighs 1. */
const trigramShare = 0.5;

const maximumDimension = 5_376;

/**
 * Dense vectors for test suites, without a model: deterministic, and texts that share words land near
 * each other. Each stem and each trigram of a stem is added at a hashed place under a hashed sign
 * (Weinberger et al., 2009, "Feature hashing for large scale multitask learning"); of what words mean it
 * knows nothing.
 *
 * Every vector has unit length. A text without a term, and one whose terms cancel each other out (which
 * takes very few dimensions), is the first axis.
 */
export class HashingEmbedder implements Embedder {
  readonly model: string;
  readonly dimension: number;

  /**
   * @param dimension from 1 to 5,376; below about 64 unrelated words often share a place
   * @throws {UsageError} for any other dimension
   */
  constructor(dimension: number) {
    if (!Number.isInteger(dimension) || dimension < 1 || dimension > maximumDimension) {
      throw new UsageError(
        `The dimension has to be a whole number from 1 to ${maximumDimension} (it is ${dimension}).`,
      );
    }
    this.dimension = dimension;
    this.model = `TEST_HASHING_${dimension}`;
  }

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    return texts.map((text) => this.#embedText(text));
  }

  #embedText(text: string): Float32Array {
    const sums = new Float64Array(this.dimension);
    for (const term of tokenize(text)) {
      this.#add(sums, term, 1);
      const trigrams = trigramsOf(term);
      for (const trigram of trigrams) this.#add(sums, trigram, trigramShare / Math.sqrt(trigrams.length));
    }
    const length = lengthOf(sums);
    if (length === 0) sums[0] = 1;
    return Float32Array.from(sums, (sum) => (length === 0 ? sum : sum / length));
  }

  #add(sums: Float64Array, feature: string, weight: number): void {
    const hash = hashOf(feature);
    const place = (hash >>> 1) % this.dimension;
    sums[place] = (sums[place] as number) + (hash & 1 ? weight : -weight);
  }
}

/** Three characters each, over the word with its ends marked: `<ri`, `ric`, `ice`, `ce>`. */
function trigramsOf(term: string): string[] {
  const characters = [..."<", ...term, ">"];
  return characters.slice(2).map((_, start) => characters.slice(start, start + 3).join(""));
}

/** FNV-1a over UTF-16 units, then the finalizer of MurmurHash3, so that every bit depends on every unit. */
function hashOf(feature: string): number {
  let hash = 0x811c9dc5;
  for (let position = 0; position < feature.length; position++) {
    hash = Math.imul(hash ^ feature.charCodeAt(position), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
