/** Prices and limits of Upstash Vector by plan. Prices are in US dollars. */
export interface UpstashPlan {
  readonly name: "free" | "pay-as-you-go" | "fixed" | "pro";
  /** A month, independent of use; `undefined` if it is negotiated. */
  readonly monthlyPrice: number | undefined;
  /** For 100,000 requests. */
  readonly requestsPrice: number;
  /** For a gigabyte that is stored, a month. */
  readonly storagePrice: number;
  /** Records times dimension, of a whole index. */
  readonly components: number;
  readonly dimension: number;
  readonly namespaces: number;
  readonly dailyQueries: number;
  readonly dailyUpdates: number;
  /** Texts and metadata of a whole index, bytes. */
  readonly contentBytes: number;
}

const gigabyte = 1024 ** 3;
const million = 1e6;
const billion = 1e9;
const unlimited = Number.POSITIVE_INFINITY;

/** The day of these figures; source: https://upstash.com/pricing/vector. */
export const upstashPlansDate = "2026-08-21";

/** An upsert or a delete counts as a request for each record; a query, a fetch and a page of a range as one. */
export const upstashPlans: readonly UpstashPlan[] = [
  {
    name: "free",
    monthlyPrice: 0,
    requestsPrice: 0,
    storagePrice: 0,
    components: 200 * million,
    dimension: 1_536,
    namespaces: 100,
    dailyQueries: 10_000,
    dailyUpdates: 10_000,
    contentBytes: gigabyte,
  },
  {
    name: "pay-as-you-go",
    monthlyPrice: 0,
    requestsPrice: 0.4,
    storagePrice: 0.25,
    components: 2 * billion,
    dimension: 3_072,
    namespaces: 10_000,
    dailyQueries: unlimited,
    dailyUpdates: unlimited,
    contentBytes: 50 * gigabyte,
  },
  {
    name: "fixed",
    monthlyPrice: 60,
    requestsPrice: 0,
    storagePrice: 0.25,
    components: 2 * billion,
    dimension: 3_072,
    namespaces: 10_000,
    dailyQueries: million,
    dailyUpdates: million,
    contentBytes: 50 * gigabyte,
  },
  {
    name: "pro",
    monthlyPrice: undefined,
    requestsPrice: 0,
    storagePrice: 0,
    components: 100 * billion,
    dimension: 5_376,
    namespaces: unlimited,
    dailyQueries: unlimited,
    dailyUpdates: unlimited,
    contentBytes: 1_024 * gigabyte,
  },
];

/** Limits of one record on every plan. */
export const upstashRecordLimits: {
  readonly dimension: number;
  readonly metadataBytes: number;
  readonly textBytes: number;
  readonly sparseEntries: number;
  /** UTF-8 bytes. Upstash states no limit; the embedded index has this one. */
  readonly idBytes: number;
} = {
  dimension: 5_376,
  metadataBytes: 48 * 1_024,
  textBytes: 1_024 * 1_024,
  sparseEntries: 1_000,
  idBytes: 4_096,
};

/** Tokens of a text that a model of Upstash reads; it ignores the rest. */
export function modelTokens(model: string): number {
  return /bge[_-]?m3/i.test(model) ? 8_192 : 512;
}
