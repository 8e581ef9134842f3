import { RagfoodError } from "../../foundation/errors.ts";
import type { StoreInfo } from "../../store/store.ts";
import {
  type ComparedStore,
  type KnownQuestionsReport,
  knownQuestions,
  probeModel,
} from "../compare/index.ts";
import type { Migration, OpenTarget } from "./migration.ts";

/** Result of the known questions. */
export interface AskedQuestions {
  readonly report?: KnownQuestionsReport;
  /** Which side was not asked, and why. */
  readonly notes: readonly string[];
}

interface AskOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Asks both sides known questions; only the target if nothing can embed them for the source.
 *
 * @param source `undefined` if the source answers no queries
 * @throws {UsageError} for questions on other data
 */
export async function askKnownQuestions(
  migration: Migration,
  sides: { readonly source: ComparedStore | undefined; readonly target: OpenTarget },
  { signal, onProgress }: AskOptions,
): Promise<AskedQuestions> {
  const { questions } = migration;
  if (questions === undefined) {
    return {
      notes: [
        "No known questions were asked: name them, with the records that answer them, with --queries FILE.",
      ],
    };
  }
  const { source, target } = sides;
  const targetObstacle =
    target.embedding === "target" ? undefined : await obstacle(migration, target, signal);
  if (targetObstacle !== undefined)
    return { notes: [`The known questions were not asked: ${targetObstacle}.`] };
  const sourceObstacle = source
    ? await obstacle(migration, source, signal)
    : "it is files without dense vectors";
  const report = await knownQuestions({
    target,
    queries: questions.queries,
    ...(questions.minimumHits !== undefined && { minimumHits: questions.minimumHits }),
    ...(source && sourceObstacle === undefined && { source }),
    signal,
    onProgress,
  });
  const notes =
    sourceObstacle === undefined ? [] : [`The source was not asked the questions: ${sourceObstacle}.`];
  return { report, notes };
}

/** Why a side cannot be asked texts: it holds only vectors, and no available model made them. */
async function obstacle(
  { model }: Migration,
  side: ComparedStore,
  signal: AbortSignal,
): Promise<string | undefined> {
  const info = await side.store.info({ signal });
  if (embedsItself(info)) return undefined;
  if (model === undefined) {
    return "it holds only vectors, and the settings name no model that embeds questions (EMBEDDER, EMBEDDING_MODEL)";
  }
  if (model.dimension !== info.dimension) {
    return `its vectors have ${info.dimension} dimensions, and those of ${model.model}, which the settings name, ${model.dimension}`;
  }
  try {
    const { isSame, medianCosine } = await probeModel(side, model, { signal });
    return isSame
      ? undefined
      : `its vectors are not those of ${model.model}, which the settings name: the median cosine is ${medianCosine.toFixed(2)}`;
  } catch (error) {
    if (signal.aborted || !(error instanceof RagfoodError)) throw error;
    return error.message.replace(/\.$/, "");
  }
}

function embedsItself({ type, embeddingModel, sparseEmbeddingModel }: StoreInfo): boolean {
  return (type === "SPARSE" ? sparseEmbeddingModel : embeddingModel) !== "";
}
