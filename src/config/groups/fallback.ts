import { z } from "zod";
import { type Group, optional, token, url, type Values, whole } from "../variables.ts";
import { type StoreVariables, storeOf } from "./store.ts";

export interface FallbackSettings {
  /** `undefined`: no secondary store. */
  readonly fallback: FallbackPlan | undefined;
  /** Whether writes during an outage of the cloud index fail, or wait on disk. */
  readonly outageWrites: "refuse" | "queue";
  /** Bytes of writes that may wait. */
  readonly writeQueueBytes: number;
}

/** The secondary store that answers if the primary fails, and its rules. */
interface FallbackPlan {
  readonly store: "embedded" | "chroma" | "upstash";
  /** The second cloud index; only for `upstash`. */
  readonly upstash: { readonly url: string; readonly token: string } | undefined;
  /** Milliseconds that the primary store has for a read. */
  readonly deadlineMs: number;
  /** Each write is copied to the secondary store; otherwise it holds what was ingested into it. */
  readonly copiesWrites: boolean;
}

const variables = {
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

type FallbackValues = Values<typeof variables>;

export const fallbackGroup: Group<FallbackSettings> = {
  variables,
  read: (values: FallbackValues) => ({
    fallback: planOf(values),
    outageWrites: values.OUTAGE_WRITES ?? "refuse",
    writeQueueBytes: (values.WRITE_QUEUE_MB ?? 256) * 1_024 * 1_024,
  }),
  faults: fallbackFaults,
};

function planOf(values: FallbackValues): FallbackPlan | undefined {
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
function fallbackFaults(values: FallbackValues & StoreVariables): string[] {
  const faults: string[] = [];
  const hasCloud = storeOf(values) === "upstash";
  if (planOf(values) && !hasCloud)
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
