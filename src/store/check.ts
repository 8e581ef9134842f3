import { IndexMismatchError } from "../foundation/errors.ts";
import type { StoreInfo } from "./store.ts";

/** What the settings say about the index. */
export interface IndexExpectation {
  /** Length of dense vectors. */
  readonly dimension: number;
  /** The model that embeds; `undefined` if any model is accepted. */
  readonly embeddingModel?: string;
  /** The embedder of the text: the index or this application. */
  readonly embedder: "index" | "ollama" | "openai" | "local";
}

/** What is wrong with an index for these settings, with what to do; nothing when it fits (VEC-1, VEC-6). */
export function indexProblems(
  info: StoreInfo,
  expected: IndexExpectation,
): { problem: string; hint: string }[] {
  const problems: { problem: string; hint: string }[] = [];
  const hasDense = info.type !== "SPARSE";
  if (hasDense && info.dimension !== expected.dimension && expected.embedder === "local") {
    problems.push({
      problem: `The index has ${info.dimension} dimensions; the model in EMBEDDING_MODEL_PATH makes ${expected.dimension}.`,
      hint: `Create an index of ${expected.dimension} dimensions, or take a model of ${info.dimension}.`,
    });
  } else if (hasDense && info.dimension !== expected.dimension) {
    problems.push({
      problem: `The index has ${info.dimension} dimensions; VECTOR_DIMENSION is ${expected.dimension}.`,
      hint: `Set VECTOR_DIMENSION=${info.dimension}, or create an index of ${expected.dimension} dimensions.`,
    });
  }
  if (expected.embedder === "index") problems.push(...modelProblems(info, expected));
  else if (info.type !== "DENSE") {
    problems.push({
      problem: `EMBEDDER=${expected.embedder} makes dense vectors; the index is ${info.type}.`,
      hint: "Create a DENSE index, or set EMBEDDER=index so that the index embeds the text.",
    });
  }
  return problems;
}

/** Of mxbai-embed-large. */
const formerDimension = 1_024;

function modelProblems(info: StoreInfo, expected: IndexExpectation): { problem: string; hint: string }[] {
  const model = info.type === "SPARSE" ? info.sparseEmbeddingModel : info.embeddingModel;
  if (model === "") {
    return [
      {
        problem: "The index has no embedding model, so it takes no raw text.",
        hint: `Set the model that made its vectors: EMBEDDER=ollama EMBEDDING_MODEL=…${info.dimension === formerDimension ? " (mxbai-embed-large, if the former application made them)" : ` VECTOR_DIMENSION=${info.dimension}`}, or EMBEDDER=local EMBEDDING_MODEL_PATH=…; or create an index with a model (bge-m3, bge-large-en-v1.5).`,
      },
    ];
  }
  if (expected.embeddingModel === undefined || isSameIndexModel(expected.embeddingModel, model)) return [];
  return [
    {
      problem: `The index embeds with ${model}; EMBEDDING_MODEL is ${expected.embeddingModel}.`,
      hint: `Set EMBEDDING_MODEL=${model}, or create an index with ${expected.embeddingModel} and ingest again.`,
    },
  ];
}

/** `BAAI/bge-large-en-v1.5` and `BGE_LARGE_EN_V1_5` are one model: the console and the API spell it so. */
export function isSameIndexModel(left: string, right: string): boolean {
  const plain = (name: string) =>
    name
      .replace(/^.*\//, "")
      .replace(/[^a-z0-9]/gi, "")
      .toLowerCase();
  return plain(left) === plain(right);
}

/** @throws {IndexMismatchError} naming everything that does not fit */
export function requireFit(info: StoreInfo, expected: IndexExpectation): void {
  const problems = indexProblems(info, expected);
  if (problems.length === 0) return;
  throw new IndexMismatchError(problems.map(({ problem }) => problem).join(" "), {
    hint: problems.map(({ hint }) => hint).join(" "),
  });
}
