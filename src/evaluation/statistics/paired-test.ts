import { seededRandom } from "../../foundation/random.ts";
import { mean } from "./summary.ts";

export interface PairedTestOptions {
  /** Random assignments of signs, if there are too many to try all. Default 100,000. */
  readonly permutations?: number;
  readonly seed?: number;
}

export interface PairedTest {
  /** Mean of the differences, second minus first. */
  readonly meanDifference: number;
  /** How likely a mean at least as far from 0 is if the two do not differ; two-sided. */
  readonly pValue: number;
  /** Whether every assignment of signs was tried, so that `pValue` is exact. */
  readonly isExact: boolean;
  /** Assignments tried. */
  readonly permutations: number;
}

const defaultPermutations = 100_000;

/** Sums of the same numbers in another order differ by about this, relative to their size. */
const roundingShare = 1e-12;

/**
 * Fisher's randomisation test on paired figures, two-sided, with the mean difference as the statistic: if the
 * two systems were one, each difference could as well have the other sign (Smucker, Allan & Carterette 2007,
 * "A comparison of statistical significance tests for information retrieval evaluation"). Differences of 0
 * change nothing and are ignored. If all 2^n assignments are no more than `permutations`, each is tried;
 * otherwise random ones, and p = (hits + 1) / (permutations + 1), which is never 0 (Phipson & Smyth 2010).
 *
 * @param differences one a query: second minus first
 */
export function pairedTest(differences: readonly number[], options: PairedTestOptions = {}): PairedTest {
  const { permutations = defaultPermutations, seed = 1 } = options;
  const moving = differences.filter((difference) => difference !== 0);
  const meanDifference = differences.length === 0 ? 0 : mean(differences);
  const size = moving.reduce((sum, difference) => sum + Math.abs(difference), 0);
  const bound = Math.abs(moving.reduce((sum, difference) => sum + difference, 0)) - roundingShare * size;
  const assignments = 2 ** moving.length;
  if (assignments <= permutations) {
    const hits = countExtreme(moving, bound, assignments, (place, assignment) => (assignment >> place) & 1);
    return { meanDifference, pValue: hits / assignments, isExact: true, permutations: assignments };
  }
  const random = seededRandom(seed);
  const hits = countExtreme(moving, bound, permutations, () => (random() < 0.5 ? 1 : 0));
  return {
    meanDifference,
    pValue: (hits + 1) / (permutations + 1),
    isExact: false,
    permutations,
  };
}

function countExtreme(
  differences: readonly number[],
  bound: number,
  assignments: number,
  signOf: (place: number, assignment: number) => number,
): number {
  let hits = 0;
  for (let assignment = 0; assignment < assignments; assignment++) {
    let sum = 0;
    for (let place = 0; place < differences.length; place++) {
      const difference = differences[place] as number;
      sum += signOf(place, assignment) === 1 ? -difference : difference;
    }
    if (Math.abs(sum) >= bound) hits++;
  }
  return hits;
}
