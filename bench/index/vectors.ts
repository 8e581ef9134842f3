/** Vectors to measure search on; the same seed gives the same vectors. */

/** Numbers in [0, 1) (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normal numbers of mean 0 and deviation 1 (Box and Muller). */
export function normal(seed: number): () => number {
  const random = uniform(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** Vectors without structure: independent normal components. */
export function unstructured(dimension: number, seed: number): () => Float32Array {
  const component = normal(seed);
  return () => Float32Array.from({ length: dimension }, component);
}

const superTopics = 40;
const topics = 1_000;
/** Dimensions of the subspace that the vectors of one topic lie in. */
const directions = 16;

/**
 * Unit vectors like those of texts: 1,000 topics around 40 super-topics, each topic spread over its own subspace of 16
 * dimensions, plus noise in all dimensions.
 */
export function clustered(dimension: number, seed: number): () => Float32Array {
  const component = normal(seed);
  const random = uniform(seed + 1);
  const unit = () => normalized(Float32Array.from({ length: dimension }, component));
  const centres = Array.from({ length: superTopics }, unit);
  const origins = Array.from({ length: topics }, (_, topic) =>
    normalized(add(unit(), centres[topic % superTopics] as Float32Array, 1)),
  );
  const spaces = origins.map(() => Array.from({ length: directions }, unit));
  const noise = Float32Array.from({ length: 2 ** 20 }, component);
  const noiseScale = 0.3 / Math.sqrt(dimension);
  return () => {
    const topic = Math.floor(random() * topics);
    const vector = Float32Array.from(origins[topic] as Float32Array);
    for (const direction of spaces[topic] as Float32Array[]) add(vector, direction, 0.15 * component());
    const start = Math.floor(random() * (noise.length - dimension));
    return normalized(add(vector, noise.subarray(start, start + dimension), noiseScale));
  };
}

/** Stretches each vector by a factor from 0.5 to 2. */
export function stretched(next: () => Float32Array, seed: number): () => Float32Array {
  const random = uniform(seed);
  return () => {
    const factor = 2 ** (2 * random() - 1);
    return next().map((component) => component * factor);
  };
}

function add(vector: Float32Array, other: Float32Array, weight: number): Float32Array {
  for (let place = 0; place < vector.length; place++) {
    vector[place] = (vector[place] as number) + weight * (other[place] as number);
  }
  return vector;
}

function normalized(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const component of vector) squares += component * component;
  const norm = Math.sqrt(squares);
  return vector.map((component) => component / norm);
}
