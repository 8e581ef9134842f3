import { randomUUID } from "node:crypto";
import type { Settings } from "../config/settings.ts";
import type { CutoverParts } from "../cutover/parts.ts";
import { type ReadReport, RoutedStore, type RoutedStoreOptions } from "../cutover/routed-store.ts";
import type { Protocol } from "../cutover/rules/protocol.ts";
import { CutoverRuntime } from "../cutover/runtime.ts";
import type { ShadowComparison } from "../cutover/shadow.ts";
import { stateProtocol } from "../cutover/state-protocol.ts";
import { StoreReplica, type WriteReport } from "../cutover/store-replica.ts";
import { defaultLeases, defaultTiming, type Timing } from "../cutover/timing.ts";
import type { Binding, FileIds, Side } from "../state/cutover/rows.ts";
import type { VectorStore } from "../store/store.ts";
import { stateOnDemand } from "./own-state.ts";

/** What happens between the two stores of a cutover. */
export interface CutoverObservers {
  readonly onCutoverRead?: (report: ReadReport) => void;
  readonly onCutoverWrite?: (report: WriteReport) => void;
  readonly onShadowComparison?: (comparison: ShadowComparison) => void;
  /** A fault in the background work, which goes on. */
  readonly onCutoverFault?: (error: Error) => void;
}

/** A store of the pair; the writer's client repeats nothing. */
export interface PairedStore {
  readonly reader: VectorStore;
  readonly writer: VectorStore;
}

/** What a pair of stores is set to. */
export type PairSettings = Pick<
  NonNullable<Settings["cutover"]>,
  "copy" | "callTimeoutMs" | "readTimeoutMs" | "readBoundMs" | "shadowPercent"
> &
  Partial<Pick<NonNullable<Settings["cutover"]>, "abandonedMs" | "spareMs">>;

/** The rows of a pair in the state store: the two stores of a cutover, or a store and its copy. */
export type PairName = "main" | "secondary";

export function cutoverTiming({
  callTimeoutMs,
  readBoundMs,
  abandonedMs = defaultLeases.abandonedMs,
  spareMs = defaultLeases.spareMs,
}: Pick<PairSettings, "callTimeoutMs" | "readBoundMs" | "abandonedMs" | "spareMs">): Timing {
  const landingMs = callTimeoutMs + abandonedMs;
  const leaseMs = landingMs + defaultTiming.clockErrorMs + spareMs;
  return {
    ...defaultTiming,
    landingMs,
    readBoundMs,
    markLeaseMs: leaseMs,
    claimLeaseMs: leaseMs,
    heartbeatLeaseMs: leaseMs,
  };
}

/** The protocol in the state of the settings, for commands that change or show the stage without any store. */
export function openCutoverProtocol(
  settings: Settings,
  cutover: PairSettings,
  pair: PairName = "main",
  stores?: Binding,
  files?: FileIds,
): { protocol: Protocol; close: () => Promise<void> } {
  const { open, close } = stateOnDemand(settings);
  return {
    protocol: stateProtocol({
      open,
      pair,
      timing: cutoverTiming(cutover),
      // A person decides about a cutover. A second copy may be made once more.
      binding: stores && { stores, copiesAgain: pair === "secondary", ...(files && { files }) },
    }),
    close,
  };
}

export interface RoutedOptions {
  /** Default `main`. `secondary` starts without a person. */
  readonly pair?: PairName;
  /** What the stores are, by URL or path: the pair is bound to them. */
  readonly identities?: Binding;
  readonly onFallback?: RoutedStoreOptions["onFallback"];
  readonly carryOver?: RoutedStoreOptions["carryOver"];
  /** Runs before a start without a person; it is put off if this throws. */
  readonly beforeStart?: () => Promise<void>;
}

function filesOf({ source, target }: Readonly<Record<Side, PairedStore>>): FileIds {
  const files = { source: source.reader.fileId, target: target.reader.fileId };
  return Object.fromEntries(Object.entries(files).filter(([, file]) => file !== undefined));
}

/** Both stores as one. */
export function openRoutedStore(
  settings: Settings,
  cutover: PairSettings,
  stores: Readonly<Record<Side, PairedStore>>,
  { onCutoverRead, onCutoverWrite, onShadowComparison, onCutoverFault }: CutoverObservers,
  { pair = "main", identities, onFallback, carryOver, beforeStart }: RoutedOptions = {},
): RoutedStore {
  const { protocol, close } = openCutoverProtocol(settings, cutover, pair, identities, filesOf(stores));
  const replica = (side: Side) =>
    new StoreReplica({
      ...stores[side],
      ...(onCutoverWrite && { onWrite: (outcome) => onCutoverWrite({ side, outcome }) }),
      takesVectors: cutover.copy === "vectors",
      callTimeoutMs: cutover.callTimeoutMs,
    });
  const parts: CutoverParts = {
    protocol,
    replicas: { source: replica("source"), target: replica("target") },
    clock: () => performance.now(),
    uniqueId: randomUUID,
  };
  const runtime = new CutoverRuntime({
    parts,
    startsItself: pair === "secondary",
    ...(beforeStart && { beforeStart }),
    ...(onCutoverFault && { onFault: onCutoverFault }),
  });
  return new RoutedStore({
    runtime,
    stores: { source: stores.source.reader, target: stores.target.reader },
    readTimeoutMs: cutover.readTimeoutMs,
    ...(onCutoverRead && { onRead: onCutoverRead }),
    ...(onFallback && { onFallback }),
    ...(carryOver && { carryOver }),
    ...(onShadowComparison && {
      shadow: { sampling: cutover.shadowPercent / 100, onComparison: onShadowComparison },
    }),
    close: async () => {
      await Promise.all(
        // A policy around one store makes two objects of it, and to close it twice does nothing.
        Object.values(stores).map(({ reader, writer }) => (writer === reader ? undefined : writer.close())),
      );
      await close();
    },
  });
}
