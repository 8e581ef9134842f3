import { z } from "zod";
import { optional, type Variables, whole } from "../variables.ts";
import { type StoreVariables, storeOf } from "./store.ts";

/** The switch from the store of the settings to another one (docs/cutover.md). */
export interface CutoverSettings {
  readonly target: "upstash";
  /** Copies carry the vectors of the other store, or only the text, of which the index makes its own. */
  readonly copy: "vectors" | "text";
  /** Milliseconds of one call that writes; what is abandoned then counts as unknown. */
  readonly callTimeoutMs: number;
  /** Milliseconds that a store has for a read before the other one is asked. */
  readonly readTimeoutMs: number;
  /** The oldest state that a read returns without a label, in milliseconds. */
  readonly readBoundMs: number;
  /** Share of the questions in per cent that also go to the other store, after the answer. */
  readonly shadowPercent: number;
}

export interface CutoverVariables {
  readonly CUTOVER_TO?: "none" | "upstash" | undefined;
  readonly CUTOVER_COPY?: "vectors" | "text" | undefined;
  readonly CUTOVER_CALL_TIMEOUT_MS?: number | undefined;
  readonly CUTOVER_READ_TIMEOUT_MS?: number | undefined;
  readonly CUTOVER_READ_BOUND_MS?: number | undefined;
  readonly CUTOVER_SHADOW_PERCENT?: number | undefined;
}

export const cutoverVariables: Variables<CutoverVariables> = {
  CUTOVER_TO: optional(z.enum(["none", "upstash"], "has to be none or upstash")),
  CUTOVER_COPY: optional(z.enum(["vectors", "text"], "has to be vectors or text")),
  CUTOVER_CALL_TIMEOUT_MS: optional(whole(100, 600_000)),
  CUTOVER_READ_TIMEOUT_MS: optional(whole(10, 600_000)),
  CUTOVER_READ_BOUND_MS: optional(whole(1_000, 3_600_000)),
  CUTOVER_SHADOW_PERCENT: optional(whole(0, 100)),
};

/** @param embedsHere whether this application makes the vectors, so that both stores hold the same ones */
export function cutoverOf(values: CutoverVariables, embedsHere: boolean): CutoverSettings | undefined {
  if (values.CUTOVER_TO === undefined || values.CUTOVER_TO === "none") return undefined;
  return {
    target: values.CUTOVER_TO,
    copy: values.CUTOVER_COPY ?? (embedsHere ? "vectors" : "text"),
    callTimeoutMs: values.CUTOVER_CALL_TIMEOUT_MS ?? 10_000,
    readTimeoutMs: values.CUTOVER_READ_TIMEOUT_MS ?? 2_000,
    readBoundMs: values.CUTOVER_READ_BOUND_MS ?? 5_000,
    shadowPercent: values.CUTOVER_SHADOW_PERCENT ?? 10,
  };
}

export function cutoverFaults(values: CutoverVariables & StoreVariables): string[] {
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
