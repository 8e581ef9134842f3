import { expect, it } from "vitest";
import { type ComparisonRules, compareRecord } from "../../../src/migration/verify/compare-record.ts";
import type { StoreRecord } from "../../../src/store/document.ts";

const sparseVector = { indices: [1], values: [1] };

function detailsOf(
  expected: Partial<StoreRecord>,
  actual: Partial<StoreRecord> | undefined,
  rules: Partial<ComparisonRules> = {},
): string[] {
  const index = { type: "HYBRID", dimension: 2 } as const;
  const differences = compareRecord({ id: "pho", ...expected }, actual && { id: "pho", ...actual }, {
    embedding: "carried",
    index,
    vectorTolerance: 0.01,
    ...rules,
  });
  return differences.map(({ kind, detail }) => `${kind} ${detail}`);
}

it.each<[string, Partial<StoreRecord>, Partial<StoreRecord> | undefined, string[]]>([
  ["a missing record", {}, undefined, ["missing is not in the target"]],
  ["a missing text", { text: "a soup" }, {}, ["text has no text in the target"]],
  ["an added text", {}, { text: "a soup" }, ["text has a text only in the target"]],
  ["a text that is cut off", { text: "a soup" }, { text: "a so" }, ["text is cut off: 4 of 6 characters"]],
  ["a longer text", { text: "a so" }, { text: "a soup" }, ["text differs from character 4"]],
  ["another text", { text: "a soup" }, { text: "a stew" }, ["text differs from character 3"]],
  ["a missing vector", { vector: [1, 0] }, {}, ["vector is not in the target"]],
  ["an added vector", {}, { vector: [1, 0] }, ["vector is only in the target"]],
  ["a missing sparse vector", { sparseVector }, {}, ["sparse-vector is not in the target"]],
  ["an added sparse vector", {}, { sparseVector }, ["sparse-vector is only in the target"]],
  ["a vector within the tolerance", { vector: [1, 0] }, { vector: [0.995, 0] }, []],
])("a record with carried vectors is compared: %s (MIG-6)", (_, expected, actual, details) => {
  expect(detailsOf(expected, actual)).toEqual(details);
});

const notMade = "was not made by the target";
const noEmbedding = "vector made by the target is no embedding";

it.each<[StoreRecord["id"], "DENSE" | "SPARSE" | "HYBRID", Partial<StoreRecord>, string[]]>([
  ["both vectors", "HYBRID", { vector: [1, 0], sparseVector }, []],
  ["no vector", "HYBRID", {}, [`vector ${notMade}`, `sparse-vector ${notMade}`]],
  ["no dense vector in a sparse index", "SPARSE", { sparseVector }, []],
  ["no sparse vector in a dense index", "DENSE", { vector: [0, 1] }, []],
  ["zeros", "DENSE", { vector: [0, 0] }, [noEmbedding]],
  ["another dimension", "DENSE", { vector: [1, 0, 0] }, [noEmbedding]],
])(
  "a record that the target embedded needs the vectors of its index: %s (MIG-6)",
  (_, type, actual, details) => {
    expect(detailsOf({}, actual, { embedding: "target", index: { type, dimension: 2 } })).toEqual(details);
  },
);
