import type { Timing } from "../../../src/cutover/timing.ts";
import type { Side } from "../../../src/state/cutover/rows.ts";
import { MemoryRows } from "./memory-rows.ts";
import type { Mutation } from "./mutations.ts";
import type { ClientRead, ClientWrite } from "./operations.ts";
import { Scheduler } from "./scheduler.ts";
import { SimulatedState } from "./state.ts";
import { SimulatedStore } from "./store.ts";

/**
 * - `records`: clients write single records of a pair of stores
 * - `namespaces`: whole namespaces too
 * - `groups`: the same, and the writes of a process share their transactions
 * - `routed`: the same, through the class that serves users, which queues what it cannot send (`RoutedWrites`)
 * - `outage`: one store, with a queue for its outages
 */
export const workloads = ["records", "namespaces", "groups", "routed", "outage"] as const;
export type Workload = (typeof workloads)[number];

/** What the processes of a run share. */
export interface World {
  readonly scheduler: Scheduler;
  readonly workload: Workload;
  readonly stores: Readonly<Record<Side, SimulatedStore>>;
  readonly state: SimulatedState;
  readonly timing: Timing;
  readonly mutation: Mutation | undefined;
  readonly writes: ClientWrite[];
  readonly reads: ClientRead[];
  readonly ids: readonly string[];
  /** Share of the writes that empty the whole namespace. */
  readonly resets: number;
  /** How often a process stops for a while between two steps, and for how long at most. */
  pauses: { chance: number; longest: number };
  /** Milliseconds between two rounds of a worker, and between two heartbeats, at most. */
  readonly pace: { work: number; beat: number };
  /** Milliseconds until an acknowledged write is recorded, at most. */
  settleDelay: number;
  /** How far a process's clock may run off in one lease, as a share of it. */
  readonly drift: number;
  isQuiet: boolean;
  processCount: number;
  idCount: number;
  defect: unknown;
  /** A rule that was broken on the way. */
  breach: string | undefined;
}

/** D and E of the simulation; leases vary with the seed. */
export const landingMs = 10;
const clockErrorMs = 2;

const resetShares: Readonly<Record<Workload, number>> = {
  records: 0,
  namespaces: 0.25,
  groups: 0.1,
  routed: 0.1,
  outage: 0.1,
};

const fewIds: Readonly<Record<Workload, readonly string[]>> = {
  records: ["a"],
  namespaces: ["a"],
  // Writes to one record are never in one group.
  groups: ["a", "c"],
  routed: ["a", "c"],
  outage: ["a"],
};

export function createWorld(seed: number, mutation: Mutation | undefined, workload: Workload): World {
  const scheduler = new Scheduler(seed);
  const lease = () => scheduler.pick([landingMs + clockErrorMs + 3, 20, 30, 45]);
  const timing: Timing = {
    landingMs,
    clockErrorMs,
    markLeaseMs: lease(),
    claimLeaseMs: lease(),
    heartbeatLeaseMs: Math.max(25, scheduler.chance(0.3) ? 60 : lease()),
    takeoverAfterMs: scheduler.pick([0, 5, 20]),
    readBoundMs: scheduler.pick([10, 25, 60]),
  };
  const longestLease = Math.max(timing.markLeaseMs, timing.claimLeaseMs, timing.heartbeatLeaseMs);
  const source = new SimulatedStore("source", scheduler, landingMs);
  const target = workload === "outage" ? source : new SimulatedStore("target", scheduler, landingMs);
  return {
    scheduler,
    workload,
    stores: { source, target },
    state: new SimulatedState(scheduler, new MemoryRows(() => scheduler.now, mutation)),
    timing,
    mutation,
    writes: [],
    reads: [],
    ids: scheduler.chance(0.5) ? fewIds[workload] : [...fewIds[workload], "b"],
    resets: resetShares[workload],
    pauses: { chance: 0, longest: 0 },
    pace: { work: scheduler.pick([2, 6, 16]), beat: scheduler.pick([3, 8, 16]) },
    settleDelay: scheduler.pick([0, 0, 20]),
    drift: scheduler.chance(0.5) ? clockErrorMs / longestLease : 0,
    isQuiet: false,
    processCount: 0,
    idCount: 0,
    defect: undefined,
    breach: undefined,
  };
}
