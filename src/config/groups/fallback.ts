import { z } from "zod";
import { optional, token, url, type Variables, whole } from "../variables.ts";
import { type StoreVariables, storeOf } from "./store.ts";

/** The secondary store that answers if the primary fails, and its rules. */
export interface FallbackSettings {
  readonly store: "embedded" | "chroma" | "upstash";
  /** The second cloud index; only for `upstash`. */
  readonly upstash: { readonly url: string; readonly token: string } | undefined;
  /** Milliseconds that the primary store has for a read. */
  readonly deadlineMs: number;
  /** Each write is copied to the secondary store; otherwise it holds what was ingested into it. */
  readonly copiesWrites: boolean;
}

export interface FallbackVariables {
  readonly FALLBACK?: "none" | "embedded" | "chroma" | "upstash" | undefined;
  readonly FALLBACK_AFTER_MS?: number | undefined;
  readonly FALLBACK_VECTOR_REST_URL?: string | undefined;
  readonly FALLBACK_VECTOR_REST_TOKEN?: string | undefined;
  readonly FALLBACK_WRITES?: "ingest" | "copy" | undefined;
  readonly OUTAGE_WRITES?: "refuse" | "queue" | undefined;
  readonly WRITE_QUEUE_MB?: number | undefined;
}

export const fallbackVariables: Variables<FallbackVariables> = {
  FALLBACK: optional(
    z.enum(["none", "embedded", "chroma", "upstash"], "has to be none, embedded, chroma or upstash"),
  ),
  FALLBACK_AFTER_MS: optional(whole(1, 600_000)),
  FALLBACK_VECTOR_REST_URL: optional(url("https://example-us1-vector.upstash.io")),
  FALLBACK_VECTOR_REST_TOKEN: optional(token),
  FALLBACK_WRITES: optional(z.enum(["ingest", "copy"], "has to be ingest or copy")),
  OUTAGE_WRITES: optional(z.enum(["refuse", "queue"], "has to be refuse or queue")),
  WRITE_QUEUE_MB: optional(whole(1, 100_000)),
};

export function fallbackOf(values: FallbackVariables): FallbackSettings | undefined {
  const { FALLBACK: store, FALLBACK_VECTOR_REST_URL: address, FALLBACK_VECTOR_REST_TOKEN: secret } = values;
  if (store === undefined || store === "none") return undefined;
  return {
    store,
    upstash:
      store === "upstash" && address !== undefined && secret !== undefined
        ? { url: address, token: secret }
        : undefined,
    deadlineMs: values.FALLBACK_AFTER_MS ?? 2_000,
    copiesWrites: values.FALLBACK_WRITES === "copy",
  };
}
/** Both serve the cloud index: the embedded one is in this process, and Chroma is what one comes from. */
export function fallbackFaults(values: FallbackVariables & StoreVariables): string[] {
  const faults: string[] = [];
  const hasCloud = storeOf(values) === "upstash";
  if (fallbackOf(values) && !hasCloud)
    faults.push(
      "FALLBACK needs the cloud index as the primary store: UPSTASH_VECTOR_REST_URL, and no other STORE",
    );
  if (values.OUTAGE_WRITES === "queue" && !hasCloud)
    faults.push(
      "OUTAGE_WRITES=queue needs the cloud index as the primary store: UPSTASH_VECTOR_REST_URL, and no other STORE",
    );
  const { FALLBACK: store, FALLBACK_VECTOR_REST_URL: address, FALLBACK_VECTOR_REST_TOKEN: secret } = values;
  if (store !== "upstash") {
    // FALLBACK=none switches a second index off on purpose.
    if (store !== "none" && (address !== undefined || secret !== undefined))
      faults.push(
        "FALLBACK_VECTOR_REST_URL and FALLBACK_VECTOR_REST_TOKEN need FALLBACK=upstash; FALLBACK=none switches them off",
      );
    return faults;
  }
  if (address === undefined || secret === undefined) {
    faults.push("FALLBACK=upstash needs FALLBACK_VECTOR_REST_URL and FALLBACK_VECTOR_REST_TOKEN");
  } else if (address === values.UPSTASH_VECTOR_REST_URL) {
    faults.push("FALLBACK_VECTOR_REST_URL has to be another index than UPSTASH_VECTOR_REST_URL");
  }
  return faults;
}
