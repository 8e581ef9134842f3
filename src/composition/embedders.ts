import type { LocalModel } from "../config/groups/models.ts";
import type { Settings } from "../config/settings.ts";
import {
  defaultSettings,
  type IndexEmbedders,
  type IndexSettings,
  indexFile,
  readIndexSettings,
} from "../embedded/index.ts";
import type { Embedder } from "../embedding/embedder.ts";
import { HashingEmbedder } from "../embedding/hashing.ts";
import { LocalEmbedder } from "../embedding/local.ts";
import { OllamaEmbedder } from "../embedding/ollama.ts";
import { OpenAiEmbedder } from "../embedding/openai.ts";
import { isStaticModel, StaticEmbedder } from "../embedding/static.ts";
import { isSameModel } from "../foundation/model-name.ts";
import type { OllamaConnection } from "../ollama/connection.ts";
import type { OpenAiConnection } from "../openai/client.ts";
import type { IndexExpectation } from "../store/check.ts";
import { proxiedFetch } from "../transport/proxy.ts";
import type { ApplicationObservers } from "./observers.ts";

/** The embedded index that the settings describe. */
export function embeddedSettings(settings: Settings): IndexSettings {
  const embedder = embedderOf(settings);
  if (embedder === undefined) return defaultSettings;
  return {
    ...defaultSettings,
    type: "HYBRID",
    dimension: embedder.dimension,
    embeddingModel: embedder.model,
  };
}

/**
 * The embedded index in the configured directory if it holds only carried vectors (DENSE without a model). The
 * configured model then embeds the questions. `undefined` for any other index, which must match the settings.
 * @throws {StorageError} if it cannot be read
 */
export function carriedIndex({ directory }: Settings): IndexSettings | undefined {
  const stored = readIndexSettings(indexFile(directory));
  return stored?.type === "DENSE" && stored.embeddingModel === "" ? stored : undefined;
}

/** The dense model that an embedded index names: one for tests, a local one, or one that Ollama runs. */
export function embeddersFor(
  index: IndexSettings,
  settings: Settings,
  options: ApplicationObservers = {},
): IndexEmbedders {
  const { embeddingModel } = index;
  return embeddingModel === "" ? {} : { dense: denseEmbedderFor(index, settings, options) };
}

function denseEmbedderFor(
  { embeddingModel, dimension }: IndexSettings,
  settings: Settings,
  options: ApplicationObservers,
): Embedder {
  if (/^TEST_HASHING_\d+$/.test(embeddingModel)) return new HashingEmbedder(dimension);
  const own = embedderOf(settings, options);
  if (own && isSameModel(own.model, embeddingModel) && own.dimension === dimension) return own;
  return ollamaEmbedder({ ...settings, embeddingModel, dimension }, options);
}

/** Settings of a program that brings its own embedder. */
export interface OwnEmbedderSettings extends Settings {
  readonly ownEmbedder?: Embedder | undefined;
}

export function withEmbedder(settings: Settings, ownEmbedder: Embedder): OwnEmbedderSettings {
  return { ...settings, embedder: "local", dimension: ownEmbedder.dimension, ownEmbedder };
}

/** The embedder in this process; `undefined` if the index embeds raw text. */
export function embedderOf(
  settings: OwnEmbedderSettings,
  options: ApplicationObservers = {},
): Embedder | undefined {
  if (settings.ownEmbedder) return settings.ownEmbedder;
  if (settings.localModel) return localEmbedder(settings.localModel);
  if (settings.embedder === "openai") return openAiEmbedder(settings);
  return settings.embedder === "ollama" ? ollamaEmbedder(settings, options) : undefined;
}

function openAiEmbedder(settings: Settings): OpenAiEmbedder {
  return new OpenAiEmbedder({
    connection: openAiConnection(settings),
    model: settings.embeddingModel ?? "",
    dimension: settings.dimension,
    ...(settings.queryPrompt !== undefined && { queryPrompt: settings.queryPrompt }),
  });
}

/** An embedder keeps its model in memory, so all parts with the same settings share one. */
const localEmbedders = new WeakMap<LocalModel, Embedder>();

function localEmbedder(model: LocalModel): Embedder {
  const known = localEmbedders.get(model);
  if (known) return known;
  const options = {
    path: model.path,
    ...(model.dimension !== undefined && { dimension: model.dimension }),
  };
  const embedder = isStaticModel(model.path) ? new StaticEmbedder(options) : new LocalEmbedder(options);
  localEmbedders.set(model, embedder);
  return embedder;
}

function ollamaEmbedder(settings: Settings, { onTruncate }: ApplicationObservers): OllamaEmbedder {
  return new OllamaEmbedder({
    connection: ollamaConnection(settings),
    model: embeddingModelOf(settings),
    dimension: settings.dimension,
    ...(onTruncate && { onTruncate }),
    ...(settings.queryPrompt !== undefined && { queryPrompt: settings.queryPrompt }),
  });
}

/** Dimensions of mxbai-embed-large. */
const formerDimension = 1_024;

/** The embedder that made the vectors of the former system. */
export function formerEmbedder(settings: Settings, observers: ApplicationObservers): Embedder {
  const former = { ...settings, embeddingModel: undefined, dimension: formerDimension };
  return embedderOf(settings, observers) ?? ollamaEmbedder(former, observers);
}

/** The model that the former application embeds with, unless the settings name another. */
export function embeddingModelOf(settings: Settings): string {
  return settings.embeddingModel ?? "mxbai-embed-large";
}

export function ollamaConnection(settings: Settings): OllamaConnection {
  const { ollamaHost: host, modelTimeoutMs: timeoutMs, proxy } = settings;
  return { host, timeoutMs, fetch: proxiedFetch(proxy) };
}

/** The server with OpenAI's API that the settings name. */
export function openAiConnection({ openai, modelTimeoutMs: timeoutMs, proxy }: Settings): OpenAiConnection {
  return { ...openai, timeoutMs, fetch: proxiedFetch(proxy) };
}

/** An embedded index with a model checks the model when it opens. */
export function expectationOf(settings: Settings): IndexExpectation {
  const { store, embedder, embeddingModel } = settings;
  return {
    // Read on demand: the store reports a local model or an index that cannot be opened.
    get dimension() {
      return embedderOf(settings)?.dimension ?? settings.dimension;
    },
    get embedder() {
      return store === "embedded" && carriedIndex(settings) === undefined ? "index" : embedder;
    },
    ...(store === "upstash" && embeddingModel !== undefined && { embeddingModel }),
  };
}
