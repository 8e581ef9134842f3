/** The seed of the factors. Another one means other codes: raise the version of the side file with it. */
const seed = 0x7261_6766;

/**
 * A random rotation, the same one for all vectors of a dimension: inner products stay, and every component becomes a
 * sum over all former ones. Codes of a bit or a byte then serve vectors whose components have heavy tails, or of which
 * few matter, as well as any other. Rounds of random signs and Walsh-Hadamard transforms (Ailon and Chazelle 2009); a
 * dimension that is no power of two is turned in overlapping spans.
 */
export interface Rotation {
  /** Components of one transform: the largest power of two up to the dimension. */
  readonly span: number;
  readonly rounds: number;
  /** float32[rounds][span]: random signs, scaled so that norms stay. */
  readonly factors: Float32Array;
}

export function rotationOf(dimension: number): Rotation {
  const span = 2 ** Math.floor(Math.log2(dimension));
  // One round leaves vectors of two components with too few sign patterns; the first span gets its turn again.
  const rounds = span === dimension ? 2 : 3;
  const scale = 1 / Math.sqrt(span);
  let state = seed;
  const factors = Float32Array.from({ length: rounds * span }, () => {
    // The generator of Numerical Recipes; its highest bit is the most random.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state < 0 ? -scale : scale;
  });
  return { span, rounds, factors };
}
