import { existsSync } from "node:fs";
import { join } from "node:path";
import { FollowedCredentials } from "./config/followed-credentials.ts";
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
import { SettingsError } from "./errors.ts";
import { originalTextField } from "./foods/food.ts";
import type { OllamaConnection } from "./ollama.ts";
import type { DoctorOptions } from "./operations/doctor.ts";
import { RagEngine } from "./rag/engine.ts";
import { ExtractiveGenerator } from "./rag/extractive-generator.ts";
import type { Generator } from "./rag/generator.ts";
import { OllamaGenerator } from "./rag/ollama-generator.ts";
import type { IndexExpectation } from "./store/check.ts";
import type { ChromaServer } from "./store/chroma/server.ts";
import { ChromaStore } from "./store/chroma.ts";
import {
  EncryptedStore,
  type EncryptionOptions,
  FallbackStore,
  KeyRing,
  ObservedStore,
  type OperationReport,
  QueuedStore,
  WriteQueue,
} from "./store/policies/index.ts";
import type { VectorStore } from "./store/store.ts";
import { UpstashStore } from "./store/upstash.ts";
import type { TransportListener } from "./transport/events.ts";
import { HttpRequester } from "./transport/http-requester.ts";
import { openTelemetry } from "./transport/tracing.ts";

/** What the settings make of the parts: the one place where they are put together. */
export interface Application {
  readonly settings: Settings;
  /** What questions are put to: the secondary answers where the primary fails. */
  readonly store: VectorStore;
  /** The first store alone, for whoever compares with what it holds. */
  readonly primary: VectorStore;
  /** The store that stands in for the first, as the settings ask for one. */
  readonly secondary: VectorStore | undefined;
  readonly engine: RagEngine;
  /** What the store's index has to be like. */
  readonly expectation: IndexExpectation;
  close(): Promise<void>;
}

/** Who is told what goes on between this process and its stores. */
export interface ApplicationObservers {
  /** Told of each call that reaches a store. */
  readonly onOperation?: (report: OperationReport) => void;
  readonly onTransportEvent?: TransportListener;
  /** A changed `.env` cannot be used; the tokens of before stay. */
  readonly onCredentialsFault?: (error: SettingsError) => void;
  /** Called with the number of texts that the embedding model could not read to their end. */
  readonly onTruncate?: (count: number) => void;
}

/** Milliseconds that the doctor waits for Ollama to list its models. */
const doctorPatienceMs = 5_000;

/**
 * @throws {StorageError} when the embedded index cannot be opened
 * @throws {IndexMismatchError} when it was made with other settings
 */
export function createApplication(settings: Settings, observers: ApplicationObservers = {}): Application {
  const { store, primary, secondary } = openStores(settings, observers);
  return {
    settings,
    store,
    primary,
    secondary,
    engine: new RagEngine({
      store,
      generators: generatorsFor(settings),
      topK: settings.topK,
      namespace: settings.namespace,
      isLexical: settings.store === "embedded" && settings.embedder === "index",
      ...(settings.minimumScore !== undefined && { minimumScore: settings.minimumScore }),
      // The scores of the embedded index are none that MIN_SCORE was set for.
      ...(settings.fallback?.store === "embedded" && {
        fallbackRelevance: { isLexical: settings.embedder === "index" },
      }),
    }),
    expectation: expectationOf(settings),
    close: () => store.close(),
  };
}

/**
 * The stores with their policies, from the outside in: encryption, fallback, queue, observation, store.
 *
 * - Encryption is outermost: neither store, nor the queue on disk, ever holds a plain value, and what the
 *   secondary answers is decrypted as well.
 * - Fallback lies over the queue: which store answers is about reads, and the queue about the primary's writes.
 * - The queue lies next to the primary: what it sends later passes through no policy a second time.
 * - Observation is innermost: it measures what a store takes, not what is waited for in its place.
 */
function openStores(
  settings: Settings,
  observers: ApplicationObservers,
): Pick<Application, "store" | "primary" | "secondary"> {
  const { fallback } = settings;
  const { onOperation } = observers;
  const encryption = encryptionOptions(settings);
  const encrypted = (store: VectorStore) =>
    encryption ? new EncryptedStore({ ...encryption, store }) : store;
  const observed = (store: VectorStore) => (onOperation ? new ObservedStore({ store, onOperation }) : store);
  const secondary = openSecondaryStore(settings, observers);
  const first = queuedStore(settings, observed(createStore(settings, observers)));
  const second = secondary && observed(secondary);
  return {
    store: encrypted(
      second && fallback
        ? new FallbackStore({ primary: first, secondary: second, deadlineMs: fallback.deadlineMs })
        : first,
    ),
    primary: encrypted(first),
    secondary: second && encrypted(second),
  };
}

/** The store that stands in, without policies; `undefined` where the settings ask for none. */
export function openSecondaryStore(
  settings: Settings,
  observers: ApplicationObservers = {},
): VectorStore | undefined {
  const { fallback } = settings;
  if (fallback === undefined) return undefined;
  // A store of another kind is one more line here and one more name in FALLBACK.
  const open: Readonly<Record<typeof fallback.store, () => VectorStore>> = {
    embedded: () => embeddedStore(settings, observers),
    chroma: () => chromaStore(settings, formerEmbedder(settings, observers)),
    upstash: () => cloudStore(settings, secondIndexOf(settings), observers, "upstash-secondary"),
  };
  return open[fallback.store]();
}

function secondIndexOf({ fallback }: Settings): NonNullable<Settings["upstash"]> {
  if (fallback?.upstash === undefined) throw new SettingsError(["FALLBACK=upstash needs a second index"]);
  return { ...fallback.upstash, readOnlyToken: undefined };
}

/** The cloud index, where it is the first store. */
function cloudOf({ store, upstash }: Settings): Settings["upstash"] {
  return store === "upstash" ? upstash : undefined;
}

/** Who made the vectors of the former system, whoever makes them now. */
function formerEmbedder(settings: Settings, observers: ApplicationObservers): Embedder {
  const former = { ...settings, embeddingModel: undefined, dimension: formerDimension };
  return embedderOf(settings, observers) ?? ollamaEmbedder(former, observers);
}

function queuedStore(settings: Settings, store: VectorStore): VectorStore {
  const { outageWrites } = settings;
  const upstash = cloudOf(settings);
  if (upstash === undefined || outageWrites === "refuse") return store;
  return new QueuedStore({ store, queue: openWriteQueue(settings), target: upstash.url });
}

/**
 * Where writes wait during an outage.
 * @throws {StorageError} when it cannot be opened
 */
export function openWriteQueue(settings: Settings): WriteQueue {
  return new WriteQueue({ path: writeQueueFile(settings), maximumBytes: settings.writeQueueBytes });
}

export function writeQueueFile(settings: Settings): string {
  return join(settings.directory, "write-queue.sqlite");
}

/** What is encrypted, and by which keys; `undefined` where nothing is. */
export function encryptionOptions({ encryption }: Settings): EncryptionOptions | undefined {
  if (encryption === undefined) return undefined;
  const { keys, fields, summaryField } = encryption;
  return {
    keys: new KeyRing(keys),
    // The metadata of a food repeats its text.
    fields: summaryField === undefined ? fields : [...fields, originalTextField],
    summaryField,
  };
}

/** The first store, without policies. */
export function createStore(settings: Settings, observers: ApplicationObservers = {}): VectorStore {
  if (settings.store === "chroma") return chromaStore(settings, embedderOf(settings, observers));
  const upstash = cloudOf(settings);
  return upstash ? cloudStore(settings, upstash, observers) : embeddedStore(settings, observers);
}

/** As the former application had it: distances in L2, vectors from Ollama. */
function chromaStore(settings: Settings, embedder: Embedder | undefined): VectorStore {
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

/**
 * The layers of a request, outermost first: deadline and abort, retries, a place among the requests under way,
 * breaker, rate limit, breaker again, timeout of the attempt. Retries are outside of the queue, so that a call which
 * waits to repeat holds no place; the rate limit is inside, so that every attempt counts; the breaker looks twice, so
 * that no call waits for a service that is down, nor is sent to one that went down meanwhile (`HttpRequester`).
 */
function cloudStore(
  settings: Settings,
  upstash: NonNullable<Settings["upstash"]>,
  observers: ApplicationObservers = {},
  name = "upstash",
): VectorStore {
  const { onTransportEvent, onCredentialsFault } = observers;
  const embedder = embedderOf(settings, observers);
  return new UpstashStore({
    name,
    requester: new HttpRequester({
      url: upstash.url,
      credentials: new FollowedCredentials(upstash, onCredentialsFault && { onFault: onCredentialsFault }),
      timeoutMs: settings.requestTimeoutMs,
      deadlineMs: settings.requestDeadlineMs,
      concurrency: settings.requestConcurrency,
      rateLimit: settings.rateLimit,
      retry: { ...(settings.requestRetries !== undefined && { retries: settings.requestRetries }) },
      ...(settings.tracing === "opentelemetry" && { tracing: openTelemetry() }),
      ...(onTransportEvent && { onEvent: onTransportEvent }),
    }),
    ...(embedder && { embedder }),
  });
}

/** The embedded index is its own requester: what goes over HTTP to the cloud stays in this process. */
function embeddedStore(settings: Settings, options: ApplicationObservers): VectorStore {
  const index = VectorIndex.open({
    path: indexFile(settings.directory),
    settings: embeddedSettings(settings),
    embedders: embeddersFor(embeddedSettings(settings), settings, options),
  });
  return new UpstashStore({
    name: "embedded",
    requester: new EmbeddedRequester(index, { typedVectors: true }),
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
  options: ApplicationObservers = {},
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
  options: ApplicationObservers,
): Embedder {
  if (/^TEST_HASHING_\d+$/.test(embeddingModel)) return new HashingEmbedder(dimension);
  const own = embedderOf(settings, options);
  if (own?.model === embeddingModel && own.dimension === dimension) return own;
  return ollamaEmbedder({ ...settings, embeddingModel, dimension }, options);
}

/** Who makes the vectors in this process; `undefined`: the index makes them of raw text, by itself. */
function embedderOf(settings: Settings, options: ApplicationObservers = {}): Embedder | undefined {
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

/** The file of the embedded index that is not there yet; `undefined` where it is, or the cloud serves. */
export function missingIndex(settings: Settings): string | undefined {
  const file = indexFile(settings.directory);
  return settings.store === "embedded" && !existsSync(file) ? file : undefined;
}

/** What the doctor has to look at with these settings. */
export function doctorOptions(settings: Settings): DoctorOptions {
  const upstash = cloudOf(settings);
  const missing = missingIndex(settings);
  return {
    dataFile: settings.dataFile,
    // By the full token alone: the store would read by the other one, which has a finding of its own.
    openStore: () =>
      createStore({ ...settings, upstash: upstash && { ...upstash, readOnlyToken: undefined } }),
    ...(missing !== undefined && { missingIndex: missing }),
    ...(upstash?.readOnlyToken !== undefined && {
      openReadOnlyStore: () =>
        cloudStore(settings, {
          ...upstash,
          token: upstash.readOnlyToken as string,
          readOnlyToken: undefined,
        }),
    }),
    expectation: expectationOf(settings),
    ...policyChecks(settings),
    ollama: { host: settings.ollamaHost, timeoutMs: Math.min(settings.modelTimeoutMs, doctorPatienceMs) },
    ollamaModels: [settings.model, ...(settings.embedder === "ollama" ? [embeddingModelOf(settings)] : [])],
    needsOllama: settings.generator === "ollama" || settings.embedder === "ollama",
    chromaUrl: settings.chroma.url,
    needsChroma: settings.store === "chroma",
  };
}

/** What the doctor has to look at of the policies that the settings ask for. */
function policyChecks(settings: Settings): Pick<DoctorOptions, "secondary" | "writeQueue" | "encryption"> {
  const { fallback, upstash, outageWrites, namespace } = settings;
  const isEmbedded = fallback?.store === "embedded";
  const missing = isEmbedded ? missingIndex({ ...settings, store: "embedded" }) : undefined;
  const encryption = encryptionOptions(settings);
  const hasQueue = existsSync(writeQueueFile(settings));
  return {
    ...(fallback && {
      secondary: {
        open: () => openSecondaryStore(settings) as VectorStore,
        ...(missing !== undefined && { missingIndex: missing }),
        expectation: expectationOf(isEmbedded ? { ...settings, upstash: undefined } : settings),
        namespace,
      },
    }),
    ...(upstash &&
      (outageWrites === "queue" || hasQueue) && {
        writeQueue: { open: () => (hasQueue ? openWriteQueue(settings) : undefined), target: upstash.url },
      }),
    ...(encryption && missingIndex(settings) === undefined && { encryption: { ...encryption, namespace } }),
  };
}

/** Where it is noted which data files were ingested. */
export function ingestStateFile(settings: Settings): string {
  return join(settings.directory, "ingests.json");
}
