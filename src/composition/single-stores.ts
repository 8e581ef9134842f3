import { existsSync } from "node:fs";
import { join } from "node:path";
import { FollowedCredentials } from "../config/followed-credentials.ts";
import type { Settings } from "../config/settings.ts";
import { EmbeddedRequester, indexFile, VectorIndex } from "../embedded/index.ts";
import type { Embedder } from "../embedding/embedder.ts";
import { SettingsError } from "../foundation/errors.ts";
import type { CostControl } from "../operations/cost/cost-control.ts";
import { FieldIndexer } from "../rag/indexing/field-indexer.ts";
import type { ChromaServer } from "../store/chroma/server.ts";
import { ChromaStore } from "../store/chroma.ts";
import { MeteredRequester } from "../store/metered-requester.ts";
import { NotedStore } from "../store/policies/index.ts";
import type { VectorStore } from "../store/store.ts";
import { UpstashStore } from "../store/upstash.ts";
import { HttpRequester } from "../transport/http-requester.ts";
import { proxiedFetch } from "../transport/proxy.ts";
import { openTelemetry } from "../transport/tracing.ts";
import { openCostControl } from "./cost-control.ts";
import { carriedIndex, embeddedSettings, embedderOf, embeddersFor, formerEmbedder } from "./embedders.ts";
import type { ApplicationObservers } from "./observers.ts";

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
export function chromaServerOf({ chroma, requestTimeoutMs, proxy }: Settings): ChromaServer {
  return {
    url: chroma.url,
    timeoutMs: requestTimeoutMs,
    fetch: proxiedFetch(proxy),
    ...(chroma.tenant !== undefined && { tenant: chroma.tenant }),
    ...(chroma.database !== undefined && { database: chroma.database }),
    ...(chroma.token !== undefined && { token: chroma.token }),
  };
}

/**
 * The layers of a request, outermost first: deadline and abort, retries, a concurrency slot, breaker, rate limit,
 * breaker again, timeout of the attempt. Retries are outside the queue, so that a call that waits for a retry holds no
 * slot; the rate limit is inside, so that every attempt counts; the breaker looks twice, so that no call waits for a
 * service that is down, nor is sent to one that went down meanwhile (`HttpRequester`).
 */
export function cloudStore(
  settings: Settings,
  upstash: NonNullable<Settings["upstash"]>,
  observers: ApplicationObservers = {},
  name = "upstash",
  repeat?: "rate-limited",
): VectorStore {
  const { onTransportEvent, onCredentialsFault, onCredentialsChange } = observers;
  const embedder = embedderOf(settings, observers);
  const own = observers.costs === undefined ? openCostControl(settings, observers) : undefined;
  const costs = observers.costs ?? (own as CostControl);
  // With the action `fallback`, the second index has to answer.
  const isRefused = name === "upstash" || settings.budget?.action === "refuse";
  const requester = new HttpRequester({
    url: upstash.url,
    credentials: new FollowedCredentials(upstash, {
      ...(onCredentialsFault && { onFault: onCredentialsFault }),
      ...(onCredentialsChange && { onChange: onCredentialsChange }),
    }),
    timeoutMs: settings.requestTimeoutMs,
    deadlineMs: settings.requestDeadlineMs,
    concurrency: settings.requestConcurrency,
    rateLimit: settings.rateLimit,
    fetch: proxiedFetch(settings.proxy),
    retry: {
      ...(settings.requestRetries !== undefined && { retries: settings.requestRetries }),
      ...(repeat && { repeat }),
    },
    ...(settings.tracing === "opentelemetry" && { tracing: openTelemetry() }),
    onEvent: (event) => {
      if (event.type === "attempt-end") costs.recordTraffic(name, event.bytes);
      onTransportEvent?.(event, name);
    },
  });
  return new UpstashStore({
    name,
    requester: new MeteredRequester({
      requester,
      onBilled: ({ kind, requests }) => costs.record(name, kind, requests),
      onStored: (bytes) => costs.recordStorage(name, bytes),
      ...(isRefused && { admit: () => costs.admit(name) }),
    }),
    ...(own && { close: () => own.close() }),
    ...(embedder && { embedder }),
  });
}

/**
 * The embedded index is its own requester: its commands stay in this process. An index with carried vectors is queried
 * like a cloud index without a model: by vectors that are made here.
 */
function embeddedStore(settings: Settings, options: ApplicationObservers): VectorStore {
  const carried = carriedIndex(settings);
  const embedder = carried && embedderOf(settings, options);
  const design = carried ?? embeddedSettings(settings);
  const index = VectorIndex.open({
    path: indexFile(settings.directory),
    settings: design,
    embedders: embeddersFor(design, settings, options),
  });
  const store = new UpstashStore({
    name: "embedded",
    requester: new EmbeddedRequester(index, { typedVectors: true }),
    fileId: index.fileId,
    ...(embedder && { embedder }),
    // Fields of encrypted records must not be readable from the index.
    ...(design.type === "SPARSE" &&
      settings.encryption === undefined && {
        indexer: new FieldIndexer(join(settings.directory, "text-lengths.json")),
      }),
    close: () => index.close(),
  });
  const { changes } = options;
  if (changes === undefined) return store;
  changes.follow(() => index.foreignVersion);
  return new NotedStore(store, (namespace, ids) => changes.note(namespace, ids));
}

/** The path of an embedded index that does not exist yet; otherwise `undefined`. */
export function missingIndex(settings: Settings): string | undefined {
  const file = indexFile(settings.directory);
  return settings.store === "embedded" && !existsSync(file) ? file : undefined;
}

/** The secondary store without policies; `undefined` if the settings name none. */
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

/** The cloud index if it is the primary store. */
export function cloudOf({ store, upstash }: Settings): Settings["upstash"] {
  return store === "upstash" ? upstash : undefined;
}
