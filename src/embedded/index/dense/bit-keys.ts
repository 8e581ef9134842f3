import { partialFlag } from "../../kernel/kernel.ts";
import type { SimilarityFunction } from "../../settings.ts";
import { bitPlanes, FrontEstimate } from "./planes.ts";

/** The key of a row that does not count; every other key is less. */
const rejectedKey = 0xffff;

/**
 * How bits order rows: each row gets a key of 16 bits, the smaller the more similar its bits say it
 * is, and each key represents a similarity (metric.ts).
 */
export interface BitKeys {
  /** float32[keys], the similarity of each key, in descending order. */
  readonly similarities: Float32Array;
  /**
   * Compares rows only by their front plane. Such a row has the key `partialFlag` + its distance in the front bits.
   * `undefined` if all bits of all rows are compared.
   */
  readonly front: FrontEstimate | undefined;
  /** Keys that a histogram has to have room for, those of rows compared in part included. */
  readonly histogramLength: number;
  /**
   * Turns Hamming distances into keys, in place: u16[rows], `rejectedKey` left as it is. `undefined` where
   * the distances are the keys.
   * @param squaredNorms f32[rows]
   */
  readonly fromDistances:
    | ((distances: Uint16Array, squaredNorms: Float32Array, querySquaredNorm: number) => void)
    | undefined;
}

/**
 * The sign bits of two vectors at angle θ differ with probability θ / π (Goemans and Williamson 1995,
 * lemma 3.2; Charikar 2002), so a Hamming distance h of d bits estimates the cosine as cos(π h / d).
 * Where norms count, they scale it: the key is then the upper half of the estimate's float32, 8 bits
 * of precision against the 4 or 5 that the estimate itself is good for.
 */
export function bitKeys(similarity: SimilarityFunction, dimension: number): BitKeys {
  const cosines = Float32Array.from({ length: dimension + 1 }, (_, distance) =>
    Math.cos((Math.PI * distance) / dimension),
  );
  if (similarity === "COSINE") return cosineKeys(cosines, dimension);
  const isEuclidean = similarity === "EUCLIDEAN";
  return {
    similarities: coarseSimilarities(),
    front: undefined,
    histogramLength: rejectedKey,
    fromDistances: (distances, squaredNorms, querySquaredNorm) => {
      for (let row = 0; row < distances.length; row++) {
        const distance = distances[row] as number;
        if (distance === rejectedKey) continue;
        const squaredNorm = squaredNorms[row] as number;
        const product = Math.sqrt(squaredNorm * querySquaredNorm) * (cosines[distance] as number);
        distances[row] = toKey(isEuclidean ? 2 * product - squaredNorm - querySquaredNorm : product);
      }
    },
  };
}

function cosineKeys(similarities: Float32Array, dimension: number): BitKeys {
  const planes = bitPlanes(dimension);
  const front = planes.backStride === 0 ? undefined : new FrontEstimate(dimension, planes);
  const histogramLength = front ? partialFlag + front.similarities.length : similarities.length;
  return { similarities, front, histogramLength, fromDistances: undefined };
}

const asFloat = new Float32Array(1);
const asBits = new Uint32Array(asFloat.buffer);
const signBit = 0x8000_0000;

/** The upper half of a float32, transformed so that keys ascend as values descend. */
function toKey(value: number): number {
  asFloat[0] = value;
  const bits = asBits[0] as number;
  const descending = bits >= signBit ? bits : bits ^ 0x7fff_ffff;
  return descending >>> 16;
}

function fromKey(key: number): number {
  const descending = (key << 16) >>> 0;
  asBits[0] = descending >= signBit ? descending : descending ^ 0x7fff_ffff;
  return asFloat[0] as number;
}

function coarseSimilarities(): Float32Array {
  return Float32Array.from({ length: rejectedKey }, (_, key) => fromKey(key));
}
