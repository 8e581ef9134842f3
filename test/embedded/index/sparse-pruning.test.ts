import { describe, expect, it } from "vitest";
import { uniform } from "../../../bench/index/vectors.ts";
import { BlockSearch } from "../../../src/embedded/index/sparse/block-search.ts";
import { type LiveRows, Posting } from "../../../src/embedded/index/sparse/posting.ts";
import { SparseVectors } from "../../../src/embedded/index/sparse/sparse-vectors.ts";
import { termOf } from "../../../src/embedded/index/sparse/term.ts";
import type { ScoredRow } from "../../../src/embedded/index/top-k.ts";
import { type PackedSparseVector, packSparse } from "../../../src/embedded/storage/vectors.ts";
import { runThrough } from "../../../src/foundation/slices.ts";

const round = Math.fround;

/** The plain scorer: every entry of every row, in the order of the query. */
function plainSearch(
  vectors: readonly PackedSparseVector[],
  query: PackedSparseVector,
  k: number,
  accepted: Uint8Array,
  weighting: LiveRows | undefined,
): ScoredRow[] {
  const scores = new Map<number, number>();
  query.indices.forEach((index, place) => {
    let weight = query.values[place] as number;
    if (weighting) {
      const { live, liveCount } = weighting;
      const count = vectors.filter((vector, row) => live[row] === 1 && vector.indices.includes(index)).length;
      weight = round(weight * Math.log((liveCount - count + 0.5) / (count + 0.5) + 1));
    }
    vectors.forEach((vector, row) => {
      if (accepted[row] !== 1) return;
      vector.indices.forEach((other, entry) => {
        if (other !== index) return;
        const product = round(weight * (vector.values[entry] as number));
        scores.set(row, round((scores.get(row) ?? 0) + product));
      });
    });
  });
  return [...scores]
    .map(([row, score]) => ({ row, score }))
    .sort((left, right) => right.score - left.score || left.row - right.row)
    .slice(0, k);
}

interface Distribution {
  readonly name: string;
  readonly index: (random: () => number) => number;
  readonly value: (random: () => number) => number;
  /** Whether a vector or a query may name an index twice. */
  readonly repeats?: true;
}

const skewed = (random: () => number) => Math.floor(400 * random() ** 5);
const positive = (random: () => number) => random() + 0.01;

const distributions: readonly Distribution[] = [
  { name: "like words", index: skewed, value: positive },
  { name: "equally frequent", index: (random) => Math.floor(30 * random()), value: positive },
  { name: "with equal values, so that most scores are equal", index: skewed, value: () => 1 },
  { name: "with negative values", index: skewed, value: (random) => random() - 0.5 },
  { name: "with indices that occur twice", index: skewed, value: positive, repeats: true },
  { name: "with a heavy tail", index: skewed, value: (random) => random() ** -3 },
  { name: "with values near the largest float", index: skewed, value: (random) => 3e38 * random() },
];

describe("the pruned search of sparse vectors finds what the plain scorer finds, to the last digit", () => {
  it.each(distributions)("pruned search equals the plain scorer: $name", ({ index, value, repeats }) => {
    const random = uniform(11);
    const vectorOf = (count: number) => {
      const drawn = Array.from({ length: count }, () => index(random));
      const indices = repeats ? drawn : [...new Set(drawn)];
      return packSparse({ indices, values: indices.map(() => value(random)) });
    };
    const vectors: PackedSparseVector[] = [];
    const live: number[] = [];
    const dead: number[] = [];
    const postings = new SparseVectors();
    for (let step = 0; step < 40; step++) {
      for (let count = Math.floor(random() * 120); count >= 0; count--) {
        const vector = vectorOf(1 + Math.floor(random() * 12));
        vectors.push(vector);
        live.push(1);
        postings.push(vector);
      }
      for (let count = Math.floor(random() * 30); count >= 0; count--) {
        const row = Math.floor(random() * live.length);
        if (live[row] === 0) continue;
        live[row] = 0;
        dead.push(row);
      }
      const rows: LiveRows = {
        live: Uint8Array.from(live),
        liveCount: live.length - dead.length,
        dead: Int32Array.from(dead),
      };
      const share = [1, 0.5, 0.02][step % 3] as number;
      const accepted = rows.live.map((flag) => (random() < share ? flag : 0));
      const query = vectorOf(1 + Math.floor(random() * 8));
      const k = [1, 10, 100, 5_000][step % 4] as number;
      for (const weighting of [undefined, rows]) {
        const found = postings.search(query, k, accepted, weighting);
        expect(found).toEqual(plainSearch(vectors, query, k, accepted, weighting));
      }
    }
  });
});

it("reads few of the entries of a common index if a rare one decides", () => {
  const rowCount = 64_000;
  const reads = { count: 0 };
  const rows = Int32Array.from({ length: rowCount }, (_, row) => row);
  const common = {
    weight: 1,
    rows,
    values: new Float32Array(rowCount).fill(0.1),
    blocks: Int32Array.from({ length: rowCount / 64 }, (_, block) => block),
    starts: new Proxy(
      Int32Array.from({ length: rowCount / 64 }, (_, block) => 64 * block),
      {
        get(target, name) {
          if (/^\d+$/.test(String(name))) reads.count++;
          return target[name as never];
        },
      },
    ),
    bounds: new Float32Array(rowCount / 64).fill(0.1),
    bound: 0.1,
    isPositive: true,
  };
  const rare = {
    weight: 1,
    rows: Int32Array.from({ length: 20 }, (_, place) => 3_000 * place),
    values: new Float32Array(20).fill(5),
    blocks: Int32Array.from({ length: 20 }, (_, place) => (3_000 * place) >> 6),
    starts: Int32Array.from({ length: 20 }, (_, place) => place),
    bounds: new Float32Array(20).fill(5),
    bound: 5,
    isPositive: true,
  };
  const accepted = new Uint8Array(rowCount).fill(1);
  expect(runThrough(new BlockSearch().search([common, rare], 10, accepted))).toHaveLength(10);
  expect(reads.count).toBeLessThan(100);
});

it("finds the same for a query with too many terms for the table of places", () => {
  const random = uniform(5);
  const terms = Array.from({ length: 40 }, (_, number) => {
    const posting = new Posting();
    for (let row = 0; row < 3_000; row++) if (random() < 1 / (number + 1)) posting.push(row, random());
    return termOf(posting, random());
  });
  const accepted = new Uint8Array(3_000).fill(1);
  const find = (search: BlockSearch) => runThrough(search.search(terms, 20, accepted));
  expect(find(new BlockSearch(0))).toEqual(find(new BlockSearch()));
});
