import { join } from "node:path";
import type { Settings } from "./config/settings.ts";
import {
  defaultSettings,
  EmbeddedRequester,
  type IndexEmbedders,
  type IndexSettings,
  indexFile,
  VectorIndex,
} from "./embedded/index.ts";
import { bm25 } from "./embedding/bm25.ts";
import { OllamaEmbedder } from "./embedding/ollama.ts";
import type { OllamaConnection } from "./ollama.ts";
import type { DoctorOptions } from "./operations/doctor.ts";
import { RagEngine } from "./rag/engine.ts";
import { ExtractiveGenerator } from "./rag/extractive-generator.ts";
import type { Generator } from "./rag/generator.ts";
import { OllamaGenerator } from "./rag/ollama-generator.ts";
import type { IndexExpectation } from "./store/check.ts";
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

/** Milliseconds that the doctor waits for Ollama to list its models. */
const doctorPatienceMs = 5_000;

/**
 * @throws {StorageError} when the embedded index cannot be opened
 * @throws {IndexMismatchError} when it was made with other settings
 */
export function createApplication(settings: Settings): Application {
  const store = createStore(settings);
  return {
    settings,
    store,
    engine: new RagEngine({
      store,
      generators: generatorsFor(settings),
      topK: settings.topK,
      namespace: settings.namespace,
      isLexical: settings.upstash === undefined && settings.embedder === "index",
      ...(settings.minimumScore !== undefined && { minimumScore: settings.minimumScore }),
    }),
    expectation: {
      dimension: settings.dimension,
      embedder: settings.upstash ? settings.embedder : "index",
      ...(settings.upstash &&
        settings.embeddingModel !== undefined && { embeddingModel: settings.embeddingModel }),
    },
    close: () => store.close(),
  };
}

function createStore(settings: Settings): VectorStore {
  return settings.upstash ? cloudStore(settings, settings.upstash) : embeddedStore(settings);
}

/** The embedded index checks its model itself, when it is opened. */
function expectationOf(settings: Settings): IndexExpectation {
  const { upstash, dimension, embedder, embeddingModel } = settings;
  if (upstash === undefined) return { dimension, embedder: "index" };
  return { dimension, embedder, ...(embeddingModel !== undefined && { embeddingModel }) };
}

function cloudStore(settings: Settings, { url, token }: NonNullable<Settings["upstash"]>): VectorStore {
  return new UpstashStore({
    name: "upstash",
    requester: new HttpRequester({ url, token, timeoutMs: settings.requestTimeoutMs }),
    ...(settings.embedder === "ollama" && { embedder: ollamaEmbedder(settings) }),
  });
}

/** The embedded index is its own requester: what goes over HTTP to the cloud stays in this process. */
function embeddedStore(settings: Settings): VectorStore {
  const index = VectorIndex.open({
    path: indexFile(settings.directory),
    settings: embeddedSettings(settings),
    embedders: embeddedEmbedders(settings),
  });
  return new UpstashStore({
    name: "embedded",
    requester: new EmbeddedRequester(index),
    close: () => index.close(),
  });
}

/** The embedded index that these settings ask for. */
export function embeddedSettings(settings: Settings): IndexSettings {
  if (settings.embedder === "index") return defaultSettings;
  return {
    ...defaultSettings,
    type: "HYBRID",
    dimension: settings.dimension,
    embeddingModel: embeddingModelOf(settings),
  };
}

export function embeddedEmbedders(settings: Settings): IndexEmbedders {
  return { sparse: bm25, ...(settings.embedder === "ollama" && { dense: ollamaEmbedder(settings) }) };
}

function ollamaEmbedder(settings: Settings): OllamaEmbedder {
  return new OllamaEmbedder({
    connection: ollamaConnection(settings),
    model: embeddingModelOf(settings),
    dimension: settings.dimension,
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
  const { upstash } = settings;
  return {
    dataFile: settings.dataFile,
    openStore: () => createStore(settings),
    ...(upstash?.readOnlyToken !== undefined && {
      openReadOnlyStore: () => cloudStore(settings, { ...upstash, token: upstash.readOnlyToken as string }),
    }),
    expectation: expectationOf(settings),
    ollama: { host: settings.ollamaHost, timeoutMs: Math.min(settings.modelTimeoutMs, doctorPatienceMs) },
    ollamaModels: [settings.model, ...(settings.embedder === "ollama" ? [embeddingModelOf(settings)] : [])],
    needsOllama: settings.generator === "ollama" || settings.embedder === "ollama",
    chromaUrl: settings.chromaUrl,
  };
}

/** Where it is noted which data files were ingested. */
export function ingestStateFile(settings: Settings): string {
  return join(settings.directory, "ingests.json");
}
