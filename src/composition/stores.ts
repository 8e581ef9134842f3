import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FollowedCredentials } from "../config/followed-credentials.ts";
import type { Settings } from "../config/settings.ts";
import type { CutoverParts } from "../cutover/parts.ts";
import { drain } from "../cutover/queue/drain.ts";
import type { QueuedStore } from "../cutover/queue/queued-store.ts";
import { hasQueued } from "../cutover/queue/status.ts";
import type { RoutedStore } from "../cutover/routed-store.ts";
import { StoreReplica } from "../cutover/store-replica.ts";
import { EmbeddedRequester, indexFile, VectorIndex } from "../embedded/index.ts";
import type { Embedder } from "../embedding/embedder.ts";
import { originalTextField } from "../foods/food.ts";
import { SettingsError } from "../foundation/errors.ts";
import type { CostControl } from "../operations/cost/cost-control.ts";
import { FieldIndexer } from "../rag/indexing/field-indexer.ts";
import { openState } from "../state/open.ts";
import type { ChromaServer } from "../store/chroma/server.ts";
import { ChromaStore } from "../store/chroma.ts";
import { MeteredRequester } from "../store/metered-requester.ts";
import {
  EncryptedStore,
  type EncryptionOptions,
  FallbackStore,
  KeyRing,
  NotedStore,
  ObservedStore,
} from "../store/policies/index.ts";
import type { StoreSide, VectorStore } from "../store/store.ts";
import { UpstashStore } from "../store/upstash.ts";
import { HttpRequester } from "../transport/http-requester.ts";
import { proxiedFetch } from "../transport/proxy.ts";
import { openTelemetry } from "../transport/tracing.ts";
import { openCostControl } from "./cost-control.ts";
import { openRoutedStore, type PairedStore } from "./cutover.ts";
import { carriedIndex, embeddedSettings, embedderOf, embeddersFor, formerEmbedder } from "./embedders.ts";
import type { ApplicationObservers } from "./observers.ts";
import { importFormerWrites, loneCallTimeoutMs, loneProtocol, openQueuedStore } from "./outbox.ts";
import { storeIdentity } from "./store-identity.ts";

/** The stores of an application. */
export interface Stores {
  /** Answers questions; the secondary store answers if the primary fails. */
  readonly store: VectorStore;
  /** The primary store alone, for comparisons with its records. */
  readonly primary: VectorStore;
  /** The secondary store, if the settings name one. */
  readonly secondary: VectorStore | undefined;
  /** Each of the stores alone, if there are several, for readers who compare them. */
  readonly sides: readonly StoreSide[];
  /** Both stores of a cutover as one, without encryption; `undefined` if the settings name no other store. */
  readonly routed?: RoutedStore;
  /** The outbox that writes may wait in; `undefined` if they are refused during an outage. */
  readonly outbox?: CutoverParts;
}

/**
 * The stores with their policies, from the outside in: encryption, fallback, outbox, observation, store.
 *
 * - Encryption is outermost: neither store, nor the outbox, ever holds a plain value, and what the
 *   secondary answers is decrypted as well.
 * - Fallback lies over the outbox: which store answers is about reads, and the outbox about the primary's writes.
 * - The outbox lies next to the primary: what it sends later passes through no policy a second time.
 * - Observation is innermost: it measures what a store takes, not what is waited for in its place.
 */
export function openStores(settings: Settings, observers: ApplicationObservers): Stores {
  const { fallback } = settings;
  const { onOperation, onFallback, startSpan } = observers;
  const encryption = encryptionOptions(settings);
  const encrypted = (store: VectorStore) =>
    encryption ? new EncryptedStore({ ...encryption, store }) : store;
  const observed = (store: VectorStore) =>
    onOperation || startSpan
      ? new ObservedStore({ store, onOperation: onOperation ?? (() => {}), ...(startSpan && { startSpan }) })
      : store;
  if (settings.cutover) {
    const routed = openPair(settings, settings.cutover, observers, observed);
    return {
      store: encrypted(routed),
      primary: encrypted(routed),
      secondary: undefined,
      sides: [
        { role: "source", store: encrypted(routed.stores.source) },
        { role: "target", store: encrypted(routed.stores.target) },
      ],
      routed,
      outbox: routed.runtime.parts,
    };
  }
  if (fallback?.copiesWrites) {
    const routed = openCopiedPair(settings, fallback, observers, observed);
    const outbox = routed.runtime.parts;
    return {
      store: encrypted(routed),
      primary: encrypted(routed),
      secondary: undefined,
      sides: [
        { role: "primary", store: encrypted(routed.stores.source) },
        { role: "secondary", store: encrypted(routed.stores.target) },
      ],
      outbox,
    };
  }
  const secondary = openSecondaryStore(settings, observers);
  const queued = openQueued(settings, observers, observed);
  const first = queued ?? observed(createStore(settings, observers));
  const second = secondary && observed(secondary);
  return {
    store: encrypted(
      second && fallback
        ? new FallbackStore({
            primary: first,
            secondary: second,
            deadlineMs: fallback.deadlineMs,
            ...(onFallback && { onFallback }),
          })
        : first,
    ),
    primary: encrypted(first),
    secondary: second && encrypted(second),
    sides: second
      ? [
          { role: "primary", store: encrypted(first) },
          { role: "secondary", store: encrypted(second) },
        ]
      : [],
    ...(queued && { outbox: queued.runtime.parts }),
  };
}

/**
 * The store of the settings with the one that the cutover leads to. Clients repeat nothing of what they write: of two
 * requests for one write, the first could land after a later write.
 */
function openPair(
  settings: Settings,
  cutover: NonNullable<Settings["cutover"]>,
  observers: ApplicationObservers,
  observed: (store: VectorStore) => VectorStore,
): RoutedStore {
  const source = observed(createStore(settings, observers));
  const { upstash } = settings;
  if (upstash === undefined) throw new SettingsError(["CUTOVER_TO=upstash needs a cloud index"]);
  // Copies of the text get the vectors of the index's own model.
  const design: Settings =
    cutover.copy === "text" ? { ...settings, embedder: "index", localModel: undefined } : settings;
  const target: PairedStore = {
    reader: observed(cloudStore(design, upstash, observers)),
    writer: observed(cloudStore({ ...design, requestRetries: 0 }, upstash, observers)),
  };
  return openRoutedStore(
    settings,
    cutover,
    { source: { reader: source, writer: source }, target },
    observers,
    {
      ...(observers.onFallback && { onFallback: observers.onFallback }),
      identities: {
        source: storeIdentity(settings.store, settings, upstash.url),
        target: storeIdentity("upstash", settings, upstash.url),
      },
    },
  );
}

/**
 * The cloud index with a secondary store that gets a copy of each write. The outbox of the copies also keeps the
 * writes while the index is down; what waits in the outbox of the index alone is carried over first.
 */
function openCopiedPair(
  settings: Settings,
  fallback: NonNullable<Settings["fallback"]>,
  observers: ApplicationObservers,
  observed: (store: VectorStore) => VectorStore,
): RoutedStore {
  const { upstash } = settings;
  const reader = openSecondaryStore(settings, observers);
  if (upstash === undefined || reader === undefined) {
    throw new SettingsError(["FALLBACK_WRITES=copy needs a cloud index and a secondary store"]);
  }
  const { onFallback } = observers;
  // An embedded index is opened once: it has no client that repeats a call.
  const writer =
    fallback.store === "upstash" ? openSecondaryStore({ ...settings, requestRetries: 0 }, observers) : reader;
  const sharesModel = fallback.store === "upstash" && settings.embedder !== "index";
  return openRoutedStore(
    settings,
    {
      copy: sharesModel ? "vectors" : "text",
      callTimeoutMs: settings.requestTimeoutMs,
      readTimeoutMs: fallback.deadlineMs,
      readBoundMs: 5_000,
      shadowPercent: 0,
    },
    {
      source: {
        reader: observed(cloudStore(settings, upstash, observers)),
        writer: observed(cloudStore({ ...settings, requestRetries: 0 }, upstash, observers)),
      },
      target: { reader: observed(reader), writer: observed(writer ?? reader) },
    },
    observers,
    {
      pair: "secondary",
      identities: {
        source: storeIdentity("upstash", settings, upstash.url),
        target: storeIdentity(fallback.store, settings, fallback.upstash?.url),
      },
      ...(onFallback && { onFallback }),
      carryOver: (store) => carryOver(settings, upstash.url, store, observers),
    },
  );
}

/** Hands the writes that wait for the index alone to the pair. @throws the failure that stopped it */
async function carryOver(
  settings: Settings,
  url: string,
  store: VectorStore,
  observers: ApplicationObservers,
): Promise<void> {
  const state = await openState(settings);
  try {
    await importFormerWrites(settings, state, observers);
    const protocol = loneProtocol(settings, url, async () => state);
    if (!(await hasQueued(protocol))) return;
    const callTimeoutMs = protocol.timing.landingMs;
    const replica = new StoreReplica({ reader: store, writer: store, takesVectors: true, callTimeoutMs });
    const parts: CutoverParts = {
      protocol,
      replicas: { source: replica, target: replica },
      clock: () => performance.now(),
      uniqueId: randomUUID,
    };
    const { stoppedBy } = await drain({ parts, signal: new AbortController().signal });
    if (stoppedBy !== undefined) throw stoppedBy;
  } finally {
    await state.close();
  }
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

/** The cloud index with an outbox, if the settings ask for one. */
function openQueued(
  settings: Settings,
  observers: ApplicationObservers,
  observed: (store: VectorStore) => VectorStore,
): QueuedStore | undefined {
  const upstash = cloudOf(settings);
  if (upstash === undefined || settings.outageWrites === "refuse") return undefined;
  return openQueuedStore(
    settings,
    upstash.url,
    {
      reader: observed(cloudStore(settings, upstash, observers)),
      writer: observed(cloudStore(writerSettings(settings), upstash, observers, "upstash", "rate-limited")),
    },
    observers,
  );
}

/** A call of the outbox ends within its own time: what a busy index refuses is repeated until then. */
function writerSettings(settings: Settings): Settings {
  const { requestDeadlineMs = Number.POSITIVE_INFINITY } = settings;
  return { ...settings, requestDeadlineMs: Math.min(requestDeadlineMs, loneCallTimeoutMs(settings)) };
}

/** Where it is noted which data files were ingested. */
export function ingestStateFile({ directory }: Settings): string {
  return join(directory, "ingests.json");
}

/** The encrypted fields and their keys; `undefined` without encryption. */
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
  const { onTransportEvent, onCredentialsFault } = observers;
  const embedder = embedderOf(settings, observers);
  const own = observers.costs === undefined ? openCostControl(settings, observers) : undefined;
  const costs = observers.costs ?? (own as CostControl);
  // With the action `fallback`, the second index has to answer.
  const isRefused = name === "upstash" || settings.budget?.action === "refuse";
  const requester = new HttpRequester({
    url: upstash.url,
    credentials: new FollowedCredentials(upstash, onCredentialsFault && { onFault: onCredentialsFault }),
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
