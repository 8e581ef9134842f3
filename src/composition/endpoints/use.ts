import type { Settings } from "../../config/settings.ts";
import type { SourceDescription } from "../../migration/source.ts";
import type { Embedding } from "../../migration/target.ts";
import type { StoreInfo } from "../../store/store.ts";
import { embeddingModelOf } from "../application.ts";

/** Dimensions of mxbai-embed-large, by which the former application embedded. */
const formerDimension = 1_024;

/** What is known of a target when it is said how to ask it. */
export interface UsedTarget {
  readonly info: StoreInfo;
  readonly namespace: string;
  readonly embedding: Embedding;
  readonly source: SourceDescription;
  /** Those that name the place. */
  readonly place: Readonly<Record<string, string>>;
}

/** The settings by which the application asks a target, by name; no secrets among them. */
export function settingsToUse(settings: Settings, target: UsedTarget): Record<string, string> {
  const { place, namespace } = target;
  return {
    ...place,
    ...(namespace !== "" && { NAMESPACE: namespace }),
    ...(isAskedByVectors(settings, target) && embedderSettings(settings, target)),
  };
}

/** An index without a model of its own, or one whose model runs in this process. */
function isAskedByVectors({ embedder }: Settings, { info, embedding }: UsedTarget): boolean {
  if (info.type === "SPARSE") return false;
  return embedding === "carried" ? info.embeddingModel === "" : embedder !== "index";
}

function embedderSettings(settings: Settings, { info, source }: UsedTarget): Record<string, string> {
  const { localModel } = settings;
  if (localModel) return { EMBEDDER: "local", EMBEDDING_MODEL_PATH: localModel.path };
  const isSet = settings.embedder === "ollama" || settings.embeddingModel !== undefined;
  const isFormer = isSet || info.dimension === formerDimension;
  return {
    EMBEDDER: "ollama",
    EMBEDDING_MODEL:
      source.embeddingModel ?? (isFormer ? embeddingModelOf(settings) : "<the model that made the vectors>"),
    ...(info.dimension !== formerDimension && { VECTOR_DIMENSION: String(info.dimension) }),
  };
}
