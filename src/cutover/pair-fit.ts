import { IndexMismatchError } from "../foundation/errors.ts";
import type { Side } from "../state/cutover/rows.ts";
import { isSameIndexModel } from "../store/check.ts";
import type { CallOptions, StoreInfo, VectorStore } from "../store/store.ts";

/** What copies carry (CUTOVER_COPY). */
type CopyKind = "vectors" | "text";

/** What a store is, as far as the other one depends on it. */
type StoreFacts = Pick<
  StoreInfo,
  "type" | "dimension" | "similarityFunction" | "embeddingModel" | "sparseEmbeddingModel"
>;

/** Whether the records of one store can be copied to the other one, and rank there as before. */
export interface PairFit extends Readonly<Record<Side, StoreFacts>> {
  readonly copy: CopyKind;
  readonly problems: readonly FitProblem[];
}

interface FitProblem {
  readonly problem: string;
  readonly hint: string;
  /** Only ranks change: an operator may accept that (`--accept-metric-change`). */
  readonly isMetric: boolean;
}

/** How the pair is set up. */
export interface FitOptions {
  readonly copy: CopyKind;
  /** The target makes the vectors of questions: its model has to be the one that made the records' vectors. */
  readonly targetEmbeds: boolean;
}

/** Records of which the lengths of the vectors are compared. */
const sampledVectors = 200;

/** Relative difference below which two lengths count as equal: vectors are stored as float32, or shorter. */
const lengthTolerance = 1e-3;

/**
 * Reads what both stores are, and some vectors of the source. Writes nothing.
 * @throws {ServiceError | StorageError} if a store does not answer
 */
export async function examinePair(
  stores: Readonly<Record<Side, VectorStore>>,
  { copy, targetEmbeds, signal }: FitOptions & CallOptions,
): Promise<PairFit> {
  const call = signal ? { signal } : {};
  const [source, target] = await Promise.all([stores.source.info(call), stores.target.info(call)]);
  const differs = source.similarityFunction !== target.similarityFunction;
  const hasDense = source.type !== "SPARSE" && target.type !== "SPARSE";
  const hasEqualLengths =
    copy === "text" ||
    !differs ||
    !hasDense ||
    areEqual(await vectorLengths(stores.source, source.namespaces, call));
  return {
    source: factsOf(source),
    target: factsOf(target),
    copy,
    problems:
      copy === "text"
        ? textProblems(target)
        : [
            ...kindProblems(source, target),
            ...modelProblems(source, target, targetEmbeds),
            ...(hasEqualLengths ? [] : [metricProblem(source, target)]),
          ],
  };
}

/**
 * @param acceptsMetricChange other ranks are accepted
 * @throws {IndexMismatchError} that names everything that does not fit, and what to do
 */
export function requireFitting({ problems }: PairFit, acceptsMetricChange = false): void {
  const found = problems.filter(({ isMetric }) => !(isMetric && acceptsMetricChange));
  if (found.length === 0) return;
  throw new IndexMismatchError(`${found.map(({ problem }) => problem).join(" ")} Nothing was changed.`, {
    hint: found.map(({ hint }) => hint).join(" "),
  });
}

function factsOf(info: StoreInfo): StoreFacts {
  const { type, dimension, similarityFunction, embeddingModel, sparseEmbeddingModel } = info;
  return { type, dimension, similarityFunction, embeddingModel, sparseEmbeddingModel };
}

/** Copies of the text get the vectors of the target's own models: its dimension and metric are its own. */
function textProblems({ type, embeddingModel, sparseEmbeddingModel }: StoreInfo): FitProblem[] {
  const lacksDense = type !== "SPARSE" && embeddingModel === "";
  const lacksSparse = type !== "DENSE" && sparseEmbeddingModel === "";
  if (!lacksDense && !lacksSparse) return [];
  return [
    {
      problem: `The target has no ${lacksDense ? "embedding model" : "model of sparse vectors"}, and copies carry texts, which it cannot embed.`,
      hint: "Create the target with a model, for example bge-m3; or copy the vectors: set CUTOVER_COPY=vectors and the embedder that made them (EMBEDDER).",
      isMetric: false,
    },
  ];
}

const copyText = "or set CUTOVER_COPY=text if the target has its own embedding model";

function kindProblems(source: StoreInfo, target: StoreInfo): FitProblem[] {
  if (source.type !== target.type) {
    return [
      {
        problem: `The source holds ${source.type} vectors, and the target is ${target.type}: it does not take them.${halfLost(source, target)}`,
        hint: `Create a ${source.type} index as target, ${copyText}.`,
        isMetric: false,
      },
    ];
  }
  // A Chroma collection without records has no dimension yet.
  if (source.type === "SPARSE" || source.dimension === target.dimension || source.dimension === 0) return [];
  return [
    {
      problem: `The vectors of the source have ${counted(source.dimension)}, and the target takes ${counted(target.dimension)}.`,
      hint: `Create a target with ${counted(source.dimension)}, ${copyText}.`,
      isMetric: false,
    },
  ];
}

/** A half of the vectors is never dropped without a word. */
function halfLost(source: StoreInfo, target: StoreInfo): string {
  if (source.type !== "HYBRID") return "";
  const lost =
    target.type === "DENSE" ? "sparse half, which finds exact words" : "dense half, which finds meanings";
  return ` Without the ${lost}, answers would change, so it is not dropped.`;
}

function counted(dimension: number): string {
  return `${dimension.toLocaleString("en")} dimensions`;
}

/** Vectors of two models cannot be compared: a question would find records by chance. */
function modelProblems(source: StoreInfo, target: StoreInfo, targetEmbeds: boolean): FitProblem[] {
  const differ = (left: string, right: string) =>
    left !== "" && right !== "" && !isSameIndexModel(left, right);
  const pairs: [string, string][] = [
    ...(targetEmbeds && source.type !== "SPARSE"
      ? [[source.embeddingModel, target.embeddingModel] satisfies [string, string]]
      : []),
    ...(source.type === "DENSE"
      ? []
      : [[source.sparseEmbeddingModel, target.sparseEmbeddingModel] satisfies [string, string]]),
  ];
  return pairs
    .filter(([left, right]) => differ(left, right))
    .map(([left, right]) => ({
      problem: `The vectors of the source are of ${left}, and the target embeds questions with ${right}: they cannot be compared.`,
      hint: `Set CUTOVER_COPY=text, so that the target embeds the texts too; or create the target with ${left}.`,
      isMetric: false,
    }));
}

function metricProblem(source: StoreInfo, target: StoreInfo): FitProblem {
  return {
    problem: `The source compares by ${source.similarityFunction}, the target by ${target.similarityFunction}, and the vectors differ in length: records would rank differently.`,
    hint: `Create a target with ${source.similarityFunction}, or accept other ranks with --accept-metric-change.`,
    isMetric: true,
  };
}

/** Of the first records of each namespace; of many namespaces, of some. */
async function vectorLengths(
  store: VectorStore,
  namespaces: StoreInfo["namespaces"],
  call: CallOptions,
): Promise<number[]> {
  const filled = Object.keys(namespaces).filter((name) => (namespaces[name] ?? 0) > 0);
  const step = Math.max(1, Math.ceil(filled.length / sampledVectors));
  const looked = filled.filter((_, place) => place % step === 0);
  const pageSize = Math.ceil(sampledVectors / Math.max(1, looked.length));
  const lengths: number[] = [];
  for (const namespace of looked) {
    for await (const records of store.range({ namespace, pageSize, includeVectors: true, ...call })) {
      lengths.push(...records.flatMap(({ vector }) => (vector ? Math.hypot(...vector) : [])));
      break;
    }
  }
  return lengths;
}

/** All metrics rank vectors of one length alike. */
function areEqual(lengths: readonly number[]): boolean {
  const longest = Math.max(...lengths);
  return lengths.every((length) => longest - length <= lengthTolerance * longest);
}
