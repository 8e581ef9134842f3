import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import type { CutoverParts } from "../cutover/parts.ts";
import type { QueuedStore } from "../cutover/queue/queued-store.ts";
import type { RoutedStore } from "../cutover/routed-store.ts";
import { originalTextField } from "../foods/food.ts";
import {
  EncryptedStore,
  type EncryptionOptions,
  FallbackStore,
  KeyRing,
  ObservedStore,
  type OperationReport,
} from "../store/policies/index.ts";
import type { StoreSide, VectorStore } from "../store/store.ts";
import type { ApplicationObservers } from "./observers.ts";
import { loneCallTimeoutMs, openQueuedStore } from "./outbox.ts";
import { outsideCutover } from "./outside-cutover.ts";
import { openCopiedPair, openPair } from "./paired-stores.ts";
import { cloudOf, cloudStore, createStore, openSecondaryStore } from "./single-stores.ts";
import { ownIdentity, secondIdentity } from "./store-identity.ts";

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
 * - Writes past a running cutover are refused before the outbox: they must not wait there either.
 * - Observation is innermost: it measures what a store takes, not what is waited for in its place.
 *   How a question ended is seen outermost.
 */
export function openStores(settings: Settings, observers: ApplicationObservers): Stores {
  const stores = openWithPolicies(settings, observers);
  const { onQuestion } = observers;
  if (onQuestion === undefined) return stores;
  const onOperation = ({ operation, outcome }: OperationReport) => {
    if (operation === "query") onQuestion(outcome);
  };
  return { ...stores, store: new ObservedStore({ store: stores.store, onOperation }) };
}

function openWithPolicies(settings: Settings, observers: ApplicationObservers): Stores {
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
    const first = outsideCutover(settings, routed, ownIdentity(settings));
    return {
      store: encrypted(first),
      primary: encrypted(first),
      secondary: undefined,
      sides: [
        { role: "primary", store: encrypted(routed.stores.source) },
        { role: "secondary", store: encrypted(routed.stores.target) },
      ],
      routed,
      outbox,
    };
  }
  const secondary = openSecondaryStore(settings, observers);
  const queued = openQueued(settings, observers, observed);
  const first = outsideCutover(
    settings,
    queued ?? observed(createStore(settings, observers)),
    ownIdentity(settings),
  );
  const second =
    secondary && outsideCutover(settings, observed(secondary), secondIdentity(settings) as string);
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
