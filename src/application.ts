import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LocalModel, Settings } from "./config/settings.ts";
import {
  defaultSettings,
  EmbeddedRequester,
  type IndexEmbedders,
  type IndexSettings,
  indexFile,
  VectorIndex,
} from "./embedded/index.ts";
import { bm25 } from "./embedding/bm25.ts";
import type { Embedder } from "./embedding/embedder.ts";
import { HashingEmbedder } from "./embedding/hashing.ts";
import { LocalEmbedder } from "./embedding/local.ts";
import { OllamaEmbedder } from "./embedding/ollama.ts";
import { isStaticModel, StaticEmbedder } from "./embedding/static.ts";
import type { OllamaConnection } from "./ollama.ts";
import type { DoctorOptions } from "./operations/doctor.ts";
import { RagEngine } from "./rag/engine.ts";
import { ExtractiveGenerator } from "./rag/extractive-generator.ts";
import type { Generator } from "./rag/generator.ts";
import { OllamaGenerator } from "./rag/ollama-generator.ts";
import type { IndexExpectation } from "./store/check.ts";
import type { ChromaServer } from "./store/chroma/server.ts";
import { ChromaStore } from "./store/chroma.ts";
import type { VectorStore } from "./store/store.ts";
import { UpstashStore } from "./store/upstash.ts";
import { HttpRequester } from "./transport/http-requester.ts";

/** What the settings make of the parts: the one place where they are put together. */
export interface Application {
  readonly settings: Settings;
  readonly store: VectorStore;
  readonly engine: RagEngine;
  /** What the store's index has to be like. */
  readonly expectation: IndexExpectation;
  close(): Promise<void>;
}

export interface ApplicationOptions {
  /** Called with the number of texts that the embedding model could not read to their end. */
  readonly onTruncate?: (count: number) => void;
}

/** Milliseconds that the doctor waits for Ollama to list its models. */
const doctorPatienceMs = 5_000;

/**
 * @throws {StorageError} when the embedded index cannot be opened
 * @throws {IndexMismatchError} when it was made with other settings
 */
export function createApplication(settings: Settings, options: ApplicationOptions = {}): Application {
  const store = createStore(settings, options);
  return {
    settings,
    store,
    engine: new RagEngine({
      store,
      generators: generatorsFor(settings),
      topK: settings.topK,
      namespace: settings.namespace,
      isLexical: settings.store === "embedded" && settings.embedder === "index",
      ...(settings.minimumScore !== undefined && { minimumScore: settings.minimumScore }),
    }),
    expectation: expectationOf(settings),
    close: () => store.close(),
  };
}

function createStore(settings: Settings, options: ApplicationOptions = {}): VectorStore {
  if (settings.store === "chroma") return chromaStore(settings, options);
  return settings.store === "upstash" && settings.upstash
    ? cloudStore(settings, settings.upstash, options)
    : embeddedStore(settings, options);
}

/** As the former application had it: distances in L2, vectors from Ollama. */
function chromaStore(settings: Settings, options: ApplicationOptions): VectorStore {
  const embedder = embedderOf(settings, options);
  return new ChromaStore({
    server: chromaServerOf(settings),
    collection: settings.chroma.collection,
    ...(embedder && { embedder }),
  });
}

/** The Chroma server that the settings name. */
export function chromaServerOf({ chroma, requestTimeoutMs }: Settings): ChromaServer {
  return {
    url: chroma.url,
    timeoutMs: requestTimeoutMs,
    ...(chroma.tenant !== undefined && { tenant: chroma.tenant }),
    ...(chroma.database !== undefined && { database: chroma.database }),
    ...(chroma.token !== undefined && { token: chroma.token }),
  };
}

/** The embedded index checks its model itself, when it is opened. */
function expectationOf(settings: Settings): IndexExpectation {
  const { store, embedder, embeddingModel } = settings;
  return {
    // Read when it is asked for: a local model that cannot be opened is for the store to report.
    get dimension() {
      return embedderOf(settings)?.dimension ?? settings.dimension;
    },
    embedder: store === "embedded" ? "index" : embedder,
    ...(store === "upstash" && embeddingModel !== undefined && { embeddingModel }),
  };
}

function cloudStore(
  settings: Settings,
  { url, token }: NonNullable<Settings["upstash"]>,
  options: ApplicationOptions = {},
): VectorStore {
  const embedder = embedderOf(settings, options);
  return new UpstashStore({
    name: "upstash",
    requester: new HttpRequester({ url, token, timeoutMs: settings.requestTimeoutMs }),
    ...(embedder && { embedder }),
  });
}

/** The embedded index is its own requester: what goes over HTTP to the cloud stays in this process. */
function embeddedStore(settings: Settings, options: ApplicationOptions): VectorStore {
  const index = VectorIndex.open({
    path: indexFile(settings.directory),
    settings: embeddedSettings(settings),
    embedders: embeddersFor(embeddedSettings(settings), settings, options),
  });
  return new UpstashStore({
    name: "embedded",
    requester: new EmbeddedRequester(index),
    close: () => index.close(),
  });
}

/** The embedded index that these settings ask for. */
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

/** The models that an embedded index names: BM25, one for tests, a local one, or one that Ollama runs. */
export function embeddersFor(
  index: IndexSettings,
  settings: Settings,
  options: ApplicationOptions = {},
): IndexEmbedders {
  const { embeddingModel } = index;
  return {
    sparse: bm25,
    ...(embeddingModel !== "" && { dense: denseEmbedderFor(index, settings, options) }),
  };
}

function denseEmbedderFor(
  { embeddingModel, dimension }: IndexSettings,
  settings: Settings,
  options: ApplicationOptions,
): Embedder {
  if (/^TEST_HASHING_\d+$/.test(embeddingModel)) return new HashingEmbedder(dimension);
  const own = embedderOf(settings, options);
  if (own?.model === embeddingModel && own.dimension === dimension) return own;
  return ollamaEmbedder({ ...settings, embeddingModel, dimension }, options);
}

/** Who makes the vectors in this process; `undefined`: the index makes them of raw text, by itself. */
function embedderOf(settings: Settings, options: ApplicationOptions = {}): Embedder | undefined {
  if (settings.localModel) return localEmbedder(settings.localModel);
  return settings.embedder === "ollama" ? ollamaEmbedder(settings, options) : undefined;
}

/** An embedder keeps its model in memory, so that one serves all that is made of the same settings. */
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

function ollamaEmbedder(settings: Settings, { onTruncate }: ApplicationOptions): OllamaEmbedder {
  return new OllamaEmbedder({
    connection: ollamaConnection(settings),
    model: embeddingModelOf(settings),
    dimension: settings.dimension,
    ...(onTruncate && { onTruncate }),
    ...(settings.queryPrompt !== undefined && { queryPrompt: settings.queryPrompt }),
  });
}

/** The model that the former application embeds with, unless the settings name another. */
function embeddingModelOf(settings: Settings): string {
  return settings.embeddingModel ?? "mxbai-embed-large";
}

function generatorsFor(settings: Settings): Generator[] {
  const ollama = new OllamaGenerator({ connection: ollamaConnection(settings), model: settings.model });
  const extractive = new ExtractiveGenerator();
  return { auto: [ollama, extractive], ollama: [ollama], extractive: [extractive] }[settings.generator];
}

function ollamaConnection(settings: Settings): OllamaConnection {
  return { host: settings.ollamaHost, timeoutMs: settings.modelTimeoutMs };
}

/** What the doctor has to look at with these settings. */
export function doctorOptions(settings: Settings): DoctorOptions {
  const upstash = settings.store === "upstash" ? settings.upstash : undefined;
  return {
    dataFile: settings.dataFile,
    openStore: () => createStore(settings),
    ...(settings.store === "embedded" &&
      !existsSync(indexFile(settings.directory)) && { missingIndex: indexFile(settings.directory) }),
    ...(upstash?.readOnlyToken !== undefined && {
      openReadOnlyStore: () => cloudStore(settings, { ...upstash, token: upstash.readOnlyToken as string }),
    }),
    expectation: expectationOf(settings),
    ollama: { host: settings.ollamaHost, timeoutMs: Math.min(settings.modelTimeoutMs, doctorPatienceMs) },
    ollamaModels: [settings.model, ...(settings.embedder === "ollama" ? [embeddingModelOf(settings)] : [])],
    needsOllama: settings.generator === "ollama" || settings.embedder === "ollama",
    chromaUrl: settings.chroma.url,
    needsChroma: settings.store === "chroma",
  };
}

/** Where it is noted which data files were ingested. */
export function ingestStateFile(settings: Settings): string {
  return join(settings.directory, "ingests.json");
}
