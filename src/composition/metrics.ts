import type { Metrics } from "../operations/metrics/metrics.ts";
import type { ApplicationObservers } from "./observers.ts";

/** Observers that record what happens between this process and its stores. */
export function metricObservers(metrics: Metrics): ApplicationObservers {
  return {
    onOperation: (report) => metrics.recordOperation(report),
    onTransportEvent: (event, store) => metrics.recordTransportEvent(event, store),
    onFallback: ({ store }) => metrics.recordFallback(store),
    onTruncate: (count) => metrics.recordTruncations(count),
  };
}
