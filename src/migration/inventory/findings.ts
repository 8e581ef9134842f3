import type { Examples } from "./examples.ts";
import type { InventoryCollection } from "./source.ts";
import type { Tallies } from "./tallies.ts";

/** One thing about a collection that whoever migrates it should know. */
export interface Finding {
  readonly kind: string;
  /** `fail`: a migration stops at it. `warn`: the target will differ, or may not be what was meant. */
  readonly status: "warn" | "fail";
  /** Records that it concerns. */
  readonly recordCount: number;
  readonly detail: string;
  /** Ids of some of them. */
  readonly ids: readonly string[];
}

/** Length of the vectors of all-MiniLM-L6-v2, which is Chroma's function `default`. */
const defaultDimension = 384;

/** What is odd about a collection. */
export function findingsOf(collection: InventoryCollection, tallies: Tallies): Finding[] {
  const { vectors, texts, largeMetadata, oddIds, leftOut } = tallies;
  const { space } = collection.distance;
  const findings: (Finding | undefined)[] = [
    leftOut.count === 0
      ? undefined
      : {
          kind: "unreadable",
          status: "fail",
          recordCount: leftOut.count,
          detail: `not readable whole: ${leftOut.faults[0]?.problem}`,
          ids: leftOut.faults.slice(0, 5).map(({ id = "" }) => id),
        },
    finding("no-vector", "fail", vectors.missing, "without a vector"),
    finding(
      "non-finite",
      "fail",
      vectors.nonFinite,
      "with a vector of which components are no finite numbers",
    ),
    severalDimensions(vectors.dimensions),
    unnormalized(space, tallies),
    space === "cosine"
      ? finding(
          "zero-vector",
          "fail",
          vectors.zero,
          "with a vector of zeros, which has no cosine to any other",
        )
      : finding("zero-vector", "warn", vectors.zero, "with a vector of zeros, which a cosine index refuses"),
    foreignFunction(collection, vectors.dimensions),
    finding(
      "no-document",
      "warn",
      texts.missing,
      "without a document: nothing to embed, nothing to answer from",
    ),
    finding("empty-document", "warn", texts.empty, "with an empty document"),
    finding("repeated-document", "warn", texts.repeated, "with the document of another record"),
    finding(
      "long-document",
      "warn",
      texts.long,
      "with a document past about 512 tokens: most models read no further",
    ),
    finding(
      "large-metadata",
      "fail",
      largeMetadata,
      "with metadata past 48 KB, which Upstash Vector refuses",
    ),
    finding(
      "odd-id",
      "warn",
      oddIds,
      "with an id that is empty, begins or ends with space, or holds control characters",
    ),
  ];
  return findings.filter((found) => found !== undefined);
}

function finding(
  kind: string,
  status: Finding["status"],
  found: Examples,
  detail: string,
): Finding | undefined {
  if (found.count === 0) return undefined;
  return { kind, status, recordCount: found.count, detail, ids: found.ids };
}

function severalDimensions(dimensions: ReadonlyMap<number, number>): Finding | undefined {
  if (dimensions.size < 2) return undefined;
  const counts = [...dimensions].map(([dimension, count]) => `${count} of ${dimension}`);
  return {
    kind: "several-dimensions",
    status: "fail",
    recordCount: [...dimensions.values()].reduce((sum, count) => sum + count, 0),
    detail: `with vectors of several dimensions: ${counts.join(", ")}; an index takes one`,
    ids: [],
  };
}

/** Between vectors of length one, L2, cosine and inner product rank alike; between others they do not. */
function unnormalized(space: string, { vectors }: Tallies): Finding | undefined {
  if (space === "cosine" || vectors.unnormalizedCount === 0) return undefined;
  const [name, target] = space === "l2" ? ["L2", "EUCLIDEAN"] : ["inner product", "DOT_PRODUCT"];
  return {
    kind: "unnormalized",
    status: "warn",
    recordCount: vectors.unnormalizedCount,
    detail: `with vectors that are not normalised, under ${name}: a cosine index ranks by them differently. Choose an index of ${target}, or compare the answers of both`,
    ids: [],
  };
}

/** Chroma notes its default function also where the application made the vectors by itself. */
function foreignFunction(
  { embeddingFunction }: InventoryCollection,
  dimensions: ReadonlyMap<number, number>,
): Finding | undefined {
  const [dimension] = dimensions.keys();
  if (embeddingFunction?.name !== "default" || dimension === undefined || dimension === defaultDimension) {
    return undefined;
  }
  return {
    kind: "embedding-function",
    status: "warn",
    recordCount: dimensions.get(dimension) ?? 0,
    detail: `with vectors of ${dimension} dimensions, which Chroma's default function, noted for the collection, does not make: name the model that did`,
    ids: [],
  };
}
