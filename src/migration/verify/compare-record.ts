import { compareSparseVectors, compareVectors, defaultVectorTolerance } from "../../store/compare-vectors.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { StoreInfo } from "../../store/store.ts";
import type { Embedding } from "../target.ts";
import { compareMetadata } from "./compare-metadata.ts";
import { quotedValue, type RecordDifference } from "./difference.ts";

/** The rules that a record of a target has to meet. */
export interface ComparisonRules {
  readonly embedding: Embedding;
  /** Its kind and dimension say which vectors a record must have if the target embeds. */
  readonly index: Pick<StoreInfo, "type" | "dimension">;
  /** Maximum absolute difference of a component of a carried vector. */
  readonly vectorTolerance: number;
}

/**
 * The differences between a record of the target and the one that it has to be.
 *
 * @param expected as `toTargetRecord` returns it
 * @param actual as the target returns it, with its vectors; `undefined` if it is missing
 */
export function compareRecord(
  expected: StoreRecord,
  actual: StoreRecord | undefined,
  rules: ComparisonRules,
): RecordDifference[] {
  if (actual === undefined) return [{ kind: "missing", detail: "is not in the target" }];
  return [
    ...compareTexts(expected.text, actual.text),
    ...compareMetadata(expected.metadata, actual.metadata),
    ...(rules.embedding === "carried"
      ? carriedVectors(expected, actual, rules.vectorTolerance)
      : embeddedVectors(actual, rules.index)),
  ];
}

/**
 * Whether writing `expected` would leave `actual` as it is: text and metadata, and carried vectors; a vector that the
 * target makes again from the same text is the same.
 */
export function hasContentOf(expected: StoreRecord, actual: StoreRecord, embedding: Embedding): boolean {
  const differences = [
    ...compareTexts(expected.text, actual.text),
    ...compareMetadata(expected.metadata, actual.metadata),
    ...(embedding === "carried" ? carriedVectors(expected, actual, defaultVectorTolerance) : []),
  ];
  return differences.length === 0;
}

function compareTexts(expected: string | undefined, actual: string | undefined): RecordDifference[] {
  if (expected === actual) return [];
  const texts = { expected: quotedValue(expected), actual: quotedValue(actual) };
  if (actual === undefined) return [{ kind: "text", ...texts, detail: "has no text in the target" }];
  if (expected === undefined) return [{ kind: "text", ...texts, detail: "has a text only in the target" }];
  const place = firstDifference(expected, actual);
  return [
    {
      kind: "text",
      expected: quotedValue(expected, place),
      actual: quotedValue(actual, place),
      detail: describeTexts(expected, actual, place),
    },
  ];
}

function describeTexts(expected: string, actual: string, place: number): string {
  if (expected.normalize() === actual.normalize()) {
    return `differs only in Unicode normalisation, from character ${place}`;
  }
  return expected.startsWith(actual)
    ? `is cut off: ${actual.length} of ${expected.length} characters`
    : `differs from character ${place}`;
}

/** UTF-16 units from 0. */
function firstDifference(left: string, right: string): number {
  let place = 0;
  while (place < left.length && left[place] === right[place]) place++;
  return place;
}

function carriedVectors(expected: StoreRecord, actual: StoreRecord, tolerance: number): RecordDifference[] {
  return [
    presence("vector", expected.vector, actual.vector) ??
      (expected.vector && actual.vector && compareVectors(expected.vector, actual.vector, tolerance)),
    presence("sparse-vector", expected.sparseVector, actual.sparseVector) ??
      (expected.sparseVector &&
        actual.sparseVector &&
        compareSparseVectors(expected.sparseVector, actual.sparseVector, tolerance)),
  ].filter((difference) => difference !== undefined);
}

function presence(
  kind: "vector" | "sparse-vector",
  expected: unknown,
  actual: unknown,
): RecordDifference | undefined {
  if ((expected === undefined) === (actual === undefined)) return undefined;
  return { kind, detail: actual === undefined ? "is not in the target" : "is only in the target" };
}

/** A record that the target embedded must have the kinds of vectors of its index, with any values. */
function embeddedVectors(
  { vector, sparseVector }: StoreRecord,
  { type, dimension }: ComparisonRules["index"],
): RecordDifference[] {
  const differences: RecordDifference[] = [];
  if (type !== "SPARSE" && !(vector?.length === dimension && vector.some((component) => component !== 0))) {
    const detail = vector === undefined ? "was not made by the target" : "made by the target is no embedding";
    differences.push({ kind: "vector", detail });
  }
  if (type !== "DENSE" && sparseVector === undefined) {
    differences.push({ kind: "sparse-vector", detail: "was not made by the target" });
  }
  return differences;
}
