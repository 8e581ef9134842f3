import { performance } from "node:perf_hooks";
import {
  checkObjectives,
  describeMachine,
  type LatencyObjectives,
  LatencyRecorder,
  type LatencySummary,
  type Machine,
  type ObjectiveVerdict,
  requiredLatency,
} from "../../evaluation/index.ts";
import { CancelledError, UsageError } from "../../foundation/errors.ts";
import type { CallOptions } from "../../store/store.ts";
import type { ComparedStore, ComparisonQuery, SideName } from "../compare/index.ts";

export interface BenchOptions extends CallOptions {
  /** Absent: only the target is measured. */
  readonly source?: ComparedStore;
  readonly target: ComparedStore;
  readonly queries: readonly ComparisonQuery[];
  /** Results a query, 1 to 1,000. Default 10. */
  readonly k?: number;
  /** Calls to each side; fewer queries are repeated from the first. Default: each query once. */
  readonly calls?: number;
  /** Calls to each side before the measurement, which fill caches and open connections. Default 20. */
  readonly warmUp?: number;
  /** Default: those of MIG-10. */
  readonly objectives?: LatencyObjectives;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface BenchSide {
  readonly store: string;
  readonly latency: LatencySummary;
  readonly verdicts: readonly ObjectiveVerdict[];
}

export interface BenchReport {
  readonly k: number;
  readonly calls: number;
  readonly warmUp: number;
  /** Different queries among the calls. */
  readonly queries: number;
  readonly machine: { readonly before: Machine; readonly after: Machine };
  /** The source is `undefined` if only the target was measured. */
  readonly sides: { readonly source: BenchSide | undefined; readonly target: BenchSide };
}

const order: readonly (readonly [SideName, SideName])[] = [
  ["source", "target"],
  ["target", "source"],
];

/**
 * Measures both sides in one run (MIG-10): one call at a time, the same query to one side and then to the other,
 * the first one changing with each query, so that other load of the machine and the network affects both alike.
 * Times are of a monotonic clock, around the call of the store: they hold all that a user waits for.
 *
 * @throws {UsageError} for no queries; a call that fails counts as an error of its side
 */
export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { queries, k = 10, warmUp = 20, objectives = requiredLatency, signal, onProgress } = options;
  const { calls = queries.length } = options;
  if (queries.length === 0 || calls < 1) {
    throw new UsageError("There is no query to measure by.", { hint: "Sample some from the records." });
  }
  const call = { signal };
  const time = async (side: SideName, place: number): Promise<number> => {
    const { store, namespace = "" } = options[side] as ComparedStore;
    const query = queries[place % queries.length] as ComparisonQuery;
    const asked = { ...query[side], topK: k, ...(query.filter && { filter: query.filter }) };
    const started = performance.now();
    await store.query(asked, { namespace, ...call });
    return performance.now() - started;
  };
  const recorders = { source: new LatencyRecorder(), target: new LatencyRecorder() };
  const before = describeMachine();
  for (let place = -warmUp; place < calls; place++) {
    const isMeasured = place >= 0;
    for (const side of order[Math.abs(place) % 2] as readonly SideName[]) {
      if (options[side] === undefined) continue;
      try {
        const milliseconds = await time(side, place + warmUp);
        if (isMeasured) recorders[side].record(milliseconds);
      } catch (error) {
        if (error instanceof CancelledError || signal?.aborted) throw error;
        if (isMeasured) recorders[side].recordError(error);
      }
    }
    if (isMeasured) onProgress?.(place + 1, calls);
  }
  const report = (side: SideName, { store }: ComparedStore): BenchSide => {
    const latency = recorders[side].summary() as LatencySummary;
    return { store: store.name, latency, verdicts: checkObjectives(latency, objectives) };
  };
  const { source, target } = options;
  return {
    k,
    calls,
    warmUp,
    queries: Math.min(queries.length, calls),
    machine: { before, after: describeMachine() },
    sides: { source: source && report("source", source), target: report("target", target) },
  };
}
