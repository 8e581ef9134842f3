import { upstashRecordLimits } from "../../store/upstash-plans.ts";
import { IdTally } from "../id-tally.ts";
import type { SourceDescription } from "../source.ts";
import { type Finding, type FindingsOptions, ofRecords } from "./finding.ts";
import { rankingOverlap, type SimilarityFunction } from "./ranking-overlap.ts";

/** What carrying the vectors over takes, and changes. */
export function carriedFindings(options: FindingsOptions): Finding[] {
  return [
    ...vectorFindings(options),
    ...dimensionFindings(options),
    ...modelFindings(options),
    ...similarityFindings(options),
  ];
}

/** No records, where a finding does not apply to the kind of index. */
const none = new IdTally();

function vectorFindings({ survey, index }: FindingsOptions): Finding[] {
  const needsDense = index.type !== "SPARSE";
  const needsSparse = index.type !== "DENSE";
  return [
    ...ofRecords(needsDense ? survey.withoutVector : none, {
      level: "problem",
      code: "no-vector",
      message: "Records have no vector that could be carried over.",
      hint: "Let the target embed the texts, or embed these in the source.",
    }),
    ...ofRecords(needsSparse ? survey.withoutSparseVector : none, {
      level: "problem",
      code: "no-sparse-vector",
      message: `The target is ${index.type} and refuses records without a sparse vector; nobody makes those where vectors are carried over.`,
      hint: "Migrate to a DENSE index, or let the target embed the texts.",
    }),
    ...ofRecords(needsDense ? none : survey.withVector, {
      level: "problem",
      code: "dense-vector",
      message: "The target is SPARSE and takes no dense vectors.",
      hint: "Migrate to a DENSE or HYBRID index, or let the target embed the texts.",
    }),
    ...ofRecords(needsSparse ? none : survey.withSparseVector, {
      level: "problem",
      code: "sparse-vector",
      message: "The target is DENSE and takes no sparse vectors.",
      hint: "Migrate to a HYBRID index, or let the target embed the texts.",
    }),
    ...ofRecords(survey.largeSparseVector, {
      level: "problem",
      code: "large-sparse-vector",
      message: "Sparse vectors have more than the 1,000 entries that a record may have.",
      hint: "Keep the entries of the greatest weight.",
    }),
    ...ofRecords(survey.nonFinite, {
      level: "problem",
      code: "non-finite",
      message: "Vectors have components that are no finite numbers.",
      hint: "Embed the texts of these records anew.",
    }),
    ...ofRecords(survey.zeroVector, {
      level: "warning",
      code: "zero-vector",
      message: "Vectors are all zeros: they have no direction, so that no cosine finds them.",
      hint: "Embed the texts of these records anew.",
    }),
  ];
}

function dimensionFindings({ survey, index }: FindingsOptions): Finding[] {
  if (index.type === "SPARSE") return [];
  const wrong = [...survey.dimensions].filter(([dimension]) => dimension !== index.dimension);
  if (wrong.length === 0) return [];
  const lengths = wrong.map(([dimension, { count }]) => `${count.toLocaleString("en")} of ${dimension}`);
  const hint = dimensionHint([...survey.dimensions.keys()]);
  return [
    {
      level: "problem",
      code: "dimension",
      message: `The target has ${index.dimension} dimensions, at the most 5,376 are possible; the source has vectors of others: ${lengths.join(", ")}.`,
      hint,
      recordCount: wrong.reduce((sum, [, { count }]) => sum + count, 0),
      ids: wrong[0]?.[1].ids ?? [],
    },
  ];
}

function dimensionHint([dimension = 0, ...others]: readonly number[]): string {
  if (others.length > 0) return "Embed all the texts with one model, or let the target do it.";
  return dimension > upstashRecordLimits.dimension
    ? "Let the target embed the texts: no index takes vectors of this length."
    : `Create an index of ${dimension} dimensions, or let the target embed the texts.`;
}

function modelFindings({ description, index }: FindingsOptions): Finding[] {
  const [made, queries] = [description.embeddingModel, index.embeddingModel];
  if (queries === "") {
    const model = made ?? "the model that made the vectors, which the source does not tell";
    return [
      {
        level: "fact",
        code: "who-embeds",
        message: `Nothing is embedded: the vectors are carried over, and the index has no model. Questions have to be embedded with ${model}.`,
      },
    ];
  }
  if (made === queries) {
    const message = `Nothing is embedded: the vectors are carried over; ${queries}, which made them, embeds the questions.`;
    return [{ level: "fact", code: "who-embeds", message }];
  }
  return [
    {
      level: "warning",
      code: "model",
      message: `The vectors are of ${made ?? "a model that the source does not tell"}, and the index embeds questions with ${queries}: vectors of two models cannot be compared, so that raw text would find nothing of use.`,
      hint: "Let the target embed the texts, or ask with vectors of the model that made these.",
    },
  ];
}

const names: Readonly<Record<SimilarityFunction, string>> = {
  COSINE: "cosine",
  EUCLIDEAN: "L2",
  DOT_PRODUCT: "inner product",
};

/** Nearest neighbours that are compared. */
const neighbours = 10;

/** Between vectors of length one all three functions rank alike; between others they do not. */
function similarityFindings({ description, index, survey }: FindingsOptions): Finding[] {
  const left = description.similarityFunction;
  const right = knownSimilarity(index.similarityFunction);
  const { spread } = survey.norms;
  if (spread === undefined || left === undefined || right === undefined || index.type === "SPARSE") return [];
  if (left === right) {
    const message = `Source and target both compare by ${names[left]}.`;
    return [{ level: "fact", code: "similarity", message }];
  }
  const change = `The source compares by ${names[left]}, the target by ${names[right]}`;
  if (survey.norms.unnormalizedCount === 0) {
    const message = `${change}: scores differ, ranks do not, since every vector has length 1.`;
    return [{ level: "fact", code: "similarity", message }];
  }
  const lengths = [spread.least, spread.mean, spread.most].map((norm) => norm.toPrecision(4));
  return [
    {
      level: "warning",
      code: "similarity",
      message: `${change}, and ${survey.norms.unnormalizedCount.toLocaleString("en")} vectors are not normalised (length ${lengths[0]} to ${lengths[2]}, mean ${lengths[1]}): ${consequence(right)}.${predicted(survey.norms.sample, left, right)}`,
      hint: `Create an index of ${left} to keep the ranks, or compare the results of both sides before you change over.`,
      recordCount: survey.norms.unnormalizedCount,
    },
  ];
}

function consequence(target: SimilarityFunction): string {
  if (target === "COSINE")
    return "the length of a vector will no longer count, so that records rank otherwise";
  if (target === "EUCLIDEAN") return "the distance in length will count, so that records rank otherwise";
  return "longer vectors will come first, so that records rank otherwise";
}

function predicted(
  sample: readonly Float32Array[],
  left: SimilarityFunction,
  right: SimilarityFunction,
): string {
  const overlap = rankingOverlap(sample, left, right, neighbours);
  if (overlap === undefined) return "";
  return ` Among ${sample.length.toLocaleString("en")} of the records, the ${neighbours} nearest to one of them are the same to ${Math.round(overlap * 100)} %.`;
}

function knownSimilarity(name: string): SourceDescription["similarityFunction"] {
  return name in names ? (name as SimilarityFunction) : undefined;
}
