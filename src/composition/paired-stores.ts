import { randomUUID } from "node:crypto";
import type { Settings } from "../config/settings.ts";
import { examinePair } from "../cutover/pair-fit.ts";
import type { CutoverParts } from "../cutover/parts.ts";
import { drain } from "../cutover/queue/drain.ts";
import { hasQueued } from "../cutover/queue/status.ts";
import type { RoutedStore } from "../cutover/routed-store.ts";
import { StoreReplica } from "../cutover/store-replica.ts";
import { IndexMismatchError, SettingsError } from "../foundation/errors.ts";
import type { Side } from "../state/cutover/rows.ts";
import type { VectorStore } from "../store/store.ts";
import { openRoutedStore, type PairedStore, type PairSettings } from "./cutover.ts";
import { embedderOf, type OwnEmbedderSettings } from "./embedders.ts";
import type { ApplicationObservers } from "./observers.ts";
import { importFormerWrites, loneProtocol } from "./outbox.ts";
import { withOpenState } from "./own-state.ts";
import { cloudStore, createStore, openSecondaryStore } from "./single-stores.ts";
import { ownIdentity, secondIdentity, storeIdentity } from "./store-identity.ts";

/**
 * The store of the settings with the one that the cutover leads to. Clients repeat nothing of what they write: of two
 * requests for one write, the first could land after a later write.
 */
export function openPair(
  settings: Settings,
  cutover: NonNullable<Settings["cutover"]>,
  observers: ApplicationObservers,
  observed: (store: VectorStore) => VectorStore,
): RoutedStore {
  const source = observed(createStore(settings, observers));
  const { upstash } = settings;
  if (upstash === undefined) throw new SettingsError(["CUTOVER_TO=upstash needs a cloud index"]);
  // Copies of the text get the vectors of the index's own model.
  const design: OwnEmbedderSettings =
    cutover.copy === "text"
      ? { ...settings, embedder: "index", localModel: undefined, ownEmbedder: undefined }
      : settings;
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
        source: ownIdentity(settings),
        target: storeIdentity("upstash", settings, upstash.url),
      },
    },
  );
}

/**
 * The cloud index with a secondary store that gets a copy of each write. The outbox of the copies also keeps the
 * writes while the index is down; what waits in the outbox of the index alone is carried over first.
 */
export function openCopiedPair(
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
  const copy = copyOfSecondary(settings);
  const primary = observed(cloudStore(settings, upstash, observers));
  return openRoutedStore(
    settings,
    {
      copy,
      callTimeoutMs: settings.requestTimeoutMs,
      readTimeoutMs: fallback.deadlineMs,
      readBoundMs: 5_000,
      shadowPercent: 0,
    },
    {
      source: {
        reader: primary,
        writer: observed(cloudStore({ ...settings, requestRetries: 0 }, upstash, observers)),
      },
      target: { reader: observed(reader), writer: observed(writer ?? reader) },
    },
    observers,
    {
      pair: "secondary",
      identities: {
        source: storeIdentity("upstash", settings, upstash.url),
        target: secondIdentity(settings) as string,
      },
      ...(onFallback && { onFallback }),
      carryOver: (store) => carryOver(settings, upstash.url, store, observers),
      beforeStart: () => requireCopyFits({ source: primary, target: reader }, copy, settings),
    },
  );
}

/** What a copy for the second store carries: vectors only if both stores take those of the same model. */
export function copyOfSecondary({ fallback, embedder }: Settings): PairSettings["copy"] {
  return fallback?.store === "upstash" && embedder !== "index" ? "vectors" : "text";
}

/** The rule of `ragfood cutover start`; other ranks are accepted, since any answer is better than none. */
async function requireCopyFits(
  stores: Readonly<Record<Side, VectorStore>>,
  copy: PairSettings["copy"],
  settings: Settings,
): Promise<void> {
  const { problems } = await examinePair(stores, { copy, targetEmbeds: embedderOf(settings) === undefined });
  const found = problems.filter(({ isMetric }) => !isMetric);
  if (found.length === 0) return;
  throw new IndexMismatchError(
    `The second copy is not made: ${found.map(({ problem }) => problem).join(" ")} Writes go to the index alone.`,
    {
      hint: "Name a second store of the same kind, dimension and model as the index (FALLBACK_VECTOR_REST_URL).",
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
  await withOpenState(settings, async (state) => {
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
  });
}
