import { z } from "zod";
import { defaultLeases } from "../../cutover/timing.ts";
import { type CutoverThresholds, defaultThresholds } from "../../cutover/watch/thresholds.ts";
import { type Group, optional, type Values, whole } from "../variables.ts";
import { embedderOf, type ModelChoice } from "./models.ts";
import { type StoreVariables, storeOf } from "./store.ts";

export interface CutoverSettings {
  /** `undefined`: one store. */
  readonly cutover: CutoverPlan | undefined;
}

/** The switch from the store of the settings to another one (docs/cutover.md). */
interface CutoverPlan {
  readonly target: "upstash";
  /** Copies carry the vectors of the other store, or only the text, of which the index makes its own. */
  readonly copy: "vectors" | "text";
  /** Milliseconds of one call that writes; what is abandoned then counts as unknown. */
  readonly callTimeoutMs: number;
  /** Milliseconds that an abandoned request may still run at its service. */
  readonly abandonedMs: number;
  /** Milliseconds that leases are longer than they must be, for the transactions around a call. */
  readonly spareMs: number;
  /** Milliseconds that a store has for a read before the other one is asked. */
  readonly readTimeoutMs: number;
  /** The oldest state that a read returns without a label, in milliseconds. */
  readonly readBoundMs: number;
  /** Share of the questions in per cent that also go to the other store, after the answer. */
  readonly shadowPercent: number;
  /** Milliseconds between two looks at the rules of rollback. */
  readonly lookMs: number;
  /** Milliseconds between two comparisons of a sample of the records. */
  readonly sampleEveryMs: number;
  readonly thresholds: CutoverThresholds;
  /** Whether a broken rule rolls back, or is only reported. */
  readonly rollsBack: boolean;
}

const variables = {
  CUTOVER_TO: optional(z.enum(["none", "upstash"], "has to be none or upstash")),
  CUTOVER_COPY: optional(z.enum(["vectors", "text"], "has to be vectors or text")),
  CUTOVER_CALL_TIMEOUT_MS: optional(whole(100, 600_000)),
  CUTOVER_ABANDONED_MS: optional(whole(100, 600_000)),
  CUTOVER_SPARE_MS: optional(whole(500, 600_000)),
  CUTOVER_READ_TIMEOUT_MS: optional(whole(10, 600_000)),
  CUTOVER_READ_BOUND_MS: optional(whole(1_000, 3_600_000)),
  CUTOVER_SHADOW_PERCENT: optional(whole(0, 100)),
  CUTOVER_WINDOW_S: optional(whole(10, 86_400)),
  CUTOVER_MINIMUM_REQUESTS: optional(whole(1, 1_000_000)),
  CUTOVER_LATENCY_PERCENT: optional(whole(100, 10_000)),
  CUTOVER_FAST_ENOUGH_MS: optional(whole(0, 60_000)),
  CUTOVER_ERROR_PERCENT: optional(
    z.coerce
      .number("has to be a number from 0 to 100")
      .min(0, "has to be at least 0")
      .max(100, "has to be at most 100"),
  ),
  CUTOVER_OVERLAP_PERCENT: optional(whole(0, 100)),
  CUTOVER_LAG_S: optional(whole(0, 86_400)),
  CUTOVER_ROLLBACK_LAG_S: optional(whole(1, 86_400)),
  CUTOVER_LOOK_MS: optional(whole(100, 60_000)),
  CUTOVER_SAMPLE_S: optional(whole(1, 86_400)),
  CUTOVER_INTEGRITY_H: optional(whole(1, 8_760)),
  CUTOVER_SOAK_H: optional(whole(0, 8_760)),
  CUTOVER_ROLLBACK: optional(z.enum(["auto", "report"], "has to be auto or report")),
};

type CutoverValues = Values<typeof variables>;

export const cutoverGroup: Group<CutoverSettings> = {
  variables,
  read: (values: CutoverValues & ModelChoice) => ({ cutover: planOf(values) }),
  faults: cutoverFaults,
};

function planOf(values: CutoverValues & ModelChoice): CutoverPlan | undefined {
  if (values.CUTOVER_TO === undefined || values.CUTOVER_TO === "none") return undefined;
  return {
    target: values.CUTOVER_TO,
    // If this application makes the vectors, both stores hold the same ones.
    copy: values.CUTOVER_COPY ?? (embedderOf(values) === "index" ? "text" : "vectors"),
    callTimeoutMs: values.CUTOVER_CALL_TIMEOUT_MS ?? 10_000,
    abandonedMs: values.CUTOVER_ABANDONED_MS ?? defaultLeases.abandonedMs,
    spareMs: values.CUTOVER_SPARE_MS ?? defaultLeases.spareMs,
    readTimeoutMs: values.CUTOVER_READ_TIMEOUT_MS ?? 2_000,
    readBoundMs: values.CUTOVER_READ_BOUND_MS ?? 5_000,
    shadowPercent: values.CUTOVER_SHADOW_PERCENT ?? 10,
    lookMs: values.CUTOVER_LOOK_MS ?? 5_000,
    sampleEveryMs: (values.CUTOVER_SAMPLE_S ?? 30) * 1_000,
    thresholds: thresholdsOf(values),
    rollsBack: values.CUTOVER_ROLLBACK !== "report",
  };
}

function thresholdsOf(values: CutoverValues): CutoverThresholds {
  const times = (value: number | undefined, factor: number, otherwise: number) =>
    value === undefined ? otherwise : value * factor;
  const given = defaultThresholds;
  return {
    windowMs: times(values.CUTOVER_WINDOW_S, 1_000, given.windowMs),
    minimumRequests: values.CUTOVER_MINIMUM_REQUESTS ?? given.minimumRequests,
    latencyFactor: times(values.CUTOVER_LATENCY_PERCENT, 0.01, given.latencyFactor),
    fastEnoughMs: values.CUTOVER_FAST_ENOUGH_MS ?? given.fastEnoughMs,
    errorRate: times(values.CUTOVER_ERROR_PERCENT, 0.01, given.errorRate),
    minimumOverlap: times(values.CUTOVER_OVERLAP_PERCENT, 0.01, given.minimumOverlap),
    mostLagSeconds: values.CUTOVER_LAG_S ?? given.mostLagSeconds,
    rollbackLagSeconds: values.CUTOVER_ROLLBACK_LAG_S ?? given.rollbackLagSeconds,
    integrityMs: times(values.CUTOVER_INTEGRITY_H, hourMs, given.integrityMs),
    soakMs: times(values.CUTOVER_SOAK_H, hourMs, given.soakMs),
  };
}

const hourMs = 3_600_000;

function cutoverFaults(values: CutoverValues & StoreVariables): string[] {
  if (values.CUTOVER_TO !== "upstash") return [];
  const faults: string[] = [];
  if (storeOf(values) === "upstash") {
    faults.push("CUTOVER_TO=upstash needs the present store in STORE: chroma or embedded");
  }
  if (values.UPSTASH_VECTOR_REST_URL === undefined || values.UPSTASH_VECTOR_REST_TOKEN === undefined) {
    faults.push("CUTOVER_TO=upstash needs UPSTASH_VECTOR_REST_URL and UPSTASH_VECTOR_REST_TOKEN");
  }
  return faults;
}
