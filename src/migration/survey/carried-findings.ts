import type { Finding } from "../../foundation/finding.ts";
import { shortQuestions, shortQuestionsHint } from "../norms.ts";
import type { SourceDescription } from "../source.ts";
import type { PlanContext } from "./plan-context.ts";
import { rankingOverlap, type SimilarityFunction } from "./ranking-overlap.ts";
import { zeroVectorFindings } from "./record-findings.ts";

/** What it requires and changes that the source's vectors are carried over. */
export function carriedFindings(context: PlanContext): Finding[] {
  return [
    ...zeroVectorFindings(context.survey),
    modelFinding(context),
    ...similarityFindings(context),
    ...questionFindings(context),
  ];
}

function questionFindings({ index, survey }: PlanContext): Finding[] {
  const message = index.embeddingModel === "" && shortQuestions(survey.norms.norms, index.similarityFunction);
  if (!message) return [];
  return [{ level: "warning", code: "question-length", message, hint: shortQuestionsHint }];
}

function modelFinding({ description, index }: PlanContext): Finding {
  const [sourceModel, indexModel] = [description.embeddingModel, index.embeddingModel];
  if (indexModel === "") {
    const model = sourceModel ?? "the model that made the vectors, which the source does not name";
    return {
      level: "fact",
      code: "who-embeds",
      message: `Nothing is embedded: the vectors are carried over, and the index has no model. Embed questions with ${model}.`,
    };
  }
  if (sourceModel === indexModel) {
    const message = `Nothing is embedded: the vectors are carried over; ${indexModel}, which made them, embeds the questions.`;
    return { level: "fact", code: "who-embeds", message };
  }
  return {
    level: "warning",
    code: "model",
    message: `The vectors are of ${sourceModel ?? "a model that the source does not name"}, and the index embeds questions with ${indexModel}. Vectors of two models cannot be compared: questions as text would find nothing useful.`,
    hint: "Let the target embed the texts with --embed target, or query with vectors of the source's model.",
  };
}

const names: Readonly<Record<SimilarityFunction, string>> = {
  COSINE: "cosine",
  EUCLIDEAN: "L2",
  DOT_PRODUCT: "inner product",
};

/** Number of nearest neighbours that are compared. */
const neighbours = 10;

/** All three functions rank vectors of one length alike; other vectors rank differently. */
function similarityFindings({ description, index, survey, acceptMetricChange }: PlanContext): Finding[] {
  const left = description.similarityFunction;
  const right = knownSimilarity(index.similarityFunction);
  const { norms, unnormalizedCount, areEqual, sample } = survey.norms;
  if (norms === undefined || left === undefined || right === undefined || index.type === "SPARSE") return [];
  const code = "similarity";
  if (left === right) {
    return [{ level: "fact", code, message: `Source and target both compare by ${names[left]}.` }];
  }
  const change = `The source compares by ${names[left]}, the target by ${names[right]}`;
  if (areEqual) {
    const length = unnormalizedCount === 0 ? "length 1" : "the same length";
    return [
      {
        level: "fact",
        code,
        message: `${change}: scores differ, ranks do not, since every vector has ${length}.`,
      },
    ];
  }
  const lengths = [norms.minimum, norms.mean, norms.maximum].map((norm) => norm.toPrecision(4));
  return [
    {
      level: acceptMetricChange ? "warning" : "problem",
      code: "metric-change",
      message: `${change}, and ${unnormalizedCount.toLocaleString("en")} vectors are not normalised (length ${lengths[0]} to ${lengths[2]}, mean ${lengths[1]}): ${consequences[right]}.${predicted(sample, left, right)}`,
      hint: `Create an index with ${left} to keep the ranks${acceptMetricChange ? "" : ", or accept other results with --accept-metric-change"}.`,
      recordCount: unnormalizedCount,
    },
  ];
}

const consequences: Readonly<Record<SimilarityFunction, string>> = {
  COSINE: "the length of a vector will not count any more, so that records rank differently",
  EUCLIDEAN: "differences in length will count, so that records rank differently",
  DOT_PRODUCT: "longer vectors will come first, so that records rank differently",
};

function predicted(
  sample: readonly Float32Array[],
  left: SimilarityFunction,
  right: SimilarityFunction,
): string {
  const overlap = rankingOverlap(sample, left, right, neighbours);
  if (overlap === undefined) return "";
  return ` In a sample of ${sample.length.toLocaleString("en")} records, ${Math.round(overlap * 100)} % of the ${neighbours} nearest neighbours stay the same.`;
}

function knownSimilarity(name: string): SourceDescription["similarityFunction"] {
  return name in names ? (name as SimilarityFunction) : undefined;
}
