import { describe, expect, it } from "vitest";
import { clustered, unstructured } from "../../../bench/index/vectors.ts";
import { all, engineOf, exactScan, recall, similarities, take } from "./exact.ts";

const rowCount = 6_000;
const dimension = 200;
const k = 10;

/** Few components of each vector decide: its bits say little until it is rotated. */
function powers(next: () => Float32Array): () => Float32Array {
  return () => next().map((component) => component * Math.abs(component) ** 3);
}

describe("vectors of heavy tails, components to the fourth power, 6,000 × 200, chosen by bits", () => {
  const kinds: [string, () => Float32Array][] = [
    ["clustered", powers(clustered(dimension, 3))],
    ["without structure", powers(unstructured(dimension, 5))],
  ];
  for (const [kind, next] of kinds) {
    const queries = take(12, next);
    const vectors = take(rowCount, next);
    for (const similarity of similarities) {
      it(`${similarity}, ${kind}: recall@10 ≥ 0.95 with int8 codes and without`, () => {
        for (const byteCodes of [true, false]) {
          const engine = engineOf(vectors, similarity, { byteCodes, bitsBeyondBytes: 0 });
          const found = queries.map((query) =>
            recall(
              engine.search(query, k, all(vectors)),
              exactScan(similarity, vectors, query, k, all(vectors)),
            ),
          );
          expect(found.reduce((sum, part) => sum + part, 0) / found.length).toBeGreaterThanOrEqual(0.95);
        }
      });
    }
  }
});
