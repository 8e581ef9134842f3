export interface Random {
  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number;
  of<T>(choices: readonly T[]): T;
}

/** The same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed;
  const below = (bound: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
  return { below, of: (choices) => choices[below(choices.length)] as (typeof choices)[number] };
}

/** The seed of a run: a new one each time, or that of `DURABILITY_SEED` to repeat one; printed. */
export function seedOf(name: string): number {
  const seed = Number(process.env.DURABILITY_SEED ?? Date.now() % 1_000_000);
  console.log(`${name}: DURABILITY_SEED=${seed}`);
  return seed;
}
