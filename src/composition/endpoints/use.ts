import type { Settings } from "../../config/settings.ts";
import type { SourceDescription } from "../../migration/source.ts";
import type { Embedding } from "../../migration/target.ts";
import type { StoreInfo } from "../../store/store.ts";
import { embeddingModelOf } from "../application.ts";

/** The default of VECTOR_DIMENSION. */
const defaultDimension = 1_024;

/** What the settings for a target follow from. */
interface UsedTarget {
  readonly info: StoreInfo;
  readonly namespace: string;
  readonly embedding: Embedding;
  readonly source: SourceDescription;
  /** The settings that name the place. */
  readonly place: Readonly<Record<string, string>>;
}

/** The settings by which the application uses a target, by name and without secrets. */
export function settingsToUse(settings: Settings, target: UsedTarget): Record<string, string> {
  const { place, namespace } = target;
  return {
    ...place,
    ...(namespace !== "" && { NAMESPACE: namespace }),
    ...(isAskedByVectors(settings, target) && embedderSettings(settings, target)),
  };
}

/** Whether questions reach the index as vectors: it has no model, or its model runs in this process. */
function isAskedByVectors({ embedder }: Settings, { info, embedding }: UsedTarget): boolean {
  if (info.type === "SPARSE") return false;
  return embedding === "carried" ? info.embeddingModel === "" : embedder !== "index";
}

/** Names a model only if it is known to have made the vectors: another one would find nothing useful. */
function embedderSettings(settings: Settings, target: UsedTarget): Record<string, string> {
  const { localModel } = settings;
  const { info, source, embedding } = target;
  const isOwnModel = embedding === "target" || source.embeddingModel === undefined;
  if (localModel && isOwnModel) return { EMBEDDER: "local", EMBEDDING_MODEL_PATH: localModel.path };
  const model = embedding === "target" ? embeddingModelOf(settings) : source.embeddingModel;
  return {
    EMBEDDER: "ollama",
    EMBEDDING_MODEL: model ?? "<the model that made the vectors>",
    ...(info.dimension !== defaultDimension && { VECTOR_DIMENSION: String(info.dimension) }),
  };
}
