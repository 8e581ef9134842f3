import type { StoreInfo } from "../../store/store.ts";
import { type UpstashPlan, upstashPlans } from "../../store/upstash-plans.ts";
import type { Embedding } from "../target.ts";
import type { Survey } from "./survey.ts";

export interface PlannedSizes {
  readonly recordCount: number;
  /** UTF-8 bytes of the texts as they would be written. */
  readonly textBytes: number;
  /** UTF-8 bytes of the metadata as JSON. */
  readonly metadataBytes: number;
  /** Bytes of the vectors as float32, including those that the target makes. */
  readonly vectorBytes: number;
}

export const bytesPerComponent = 4;
/** An index of 32 bits and a float32. */
const bytesPerSparseEntry = 8;

/** The number of dense vectors that a target makes is known; the length of its sparse vectors is not. */
export function sizesOf(
  survey: Survey,
  index: Pick<StoreInfo, "dimension">,
  embedding: Embedding,
): PlannedSizes {
  const { recordCount, textBytes, metadataBytes } = survey;
  const components = embedding === "carried" ? survey.componentCount : recordCount * index.dimension;
  const vectorBytes = components * bytesPerComponent + survey.sparseEntryCount * bytesPerSparseEntry;
  return { recordCount, textBytes, metadataBytes, vectorBytes };
}

/** Cost of a migration on one Upstash plan, in US dollars, without tax and traffic. */
export interface CostEstimate {
  readonly plan: UpstashPlan["name"];
  /** Requests of the import and of one verification; `undefined` if the price is negotiated. */
  readonly migrationPrice: number | undefined;
  /** The plan and the storage of the migrated records for a month, without later queries. */
  readonly monthlyPrice: number | undefined;
  /** Number of days over which the daily quotas spread the migration, at least 1. */
  readonly days: number;
  /** Limits of the plan that the index would exceed. */
  readonly breaches: readonly string[];
}

/** Records that a verification fetches with one request, and ids that it reads with one. */
const fetchedAtOnce = 200;
const idsAtOnce = 1_000;
const bytesPerGigabyte = 1024 ** 3;
const requestsPriced = 100_000;

export interface CostOptions {
  readonly sizes: PlannedSizes;
  readonly index: StoreInfo;
  readonly namespace: string;
  /** Number of records that the index does not have yet. */
  readonly newCount: number;
}

export function costsOf(options: CostOptions): CostEstimate[] {
  return upstashPlans.map((plan) => costOf(plan, options));
}

function costOf(plan: UpstashPlan, options: CostOptions): CostEstimate {
  const { recordCount, textBytes, metadataBytes, vectorBytes } = options.sizes;
  const reads = Math.ceil(recordCount / fetchedAtOnce) + Math.ceil(recordCount / idsAtOnce);
  const gigabytes = (textBytes + metadataBytes + vectorBytes) / bytesPerGigabyte;
  const isPriced = plan.monthlyPrice !== undefined;
  return {
    plan: plan.name,
    migrationPrice: isPriced ? ((recordCount + reads) / requestsPriced) * plan.requestsPrice : undefined,
    monthlyPrice: isPriced ? (plan.monthlyPrice ?? 0) + gigabytes * plan.storagePrice : undefined,
    days: Math.max(1, Math.ceil(recordCount / plan.dailyUpdates), Math.ceil(reads / plan.dailyQueries)),
    breaches: breachesOf(plan, options),
  };
}

function breachesOf(plan: UpstashPlan, { sizes, index, namespace, newCount }: CostOptions): string[] {
  const isNew = index.namespaces[namespace] === undefined;
  const namespaces = Object.keys(index.namespaces).length + (isNew ? 1 : 0);
  const measured: [name: string, value: number, limit: number][] = [
    ["records times dimension", (index.recordCount + newCount) * index.dimension, plan.components],
    ["dimensions", index.dimension, plan.dimension],
    ["namespaces", namespaces, plan.namespaces],
    ["bytes of texts and metadata", sizes.textBytes + sizes.metadataBytes, plan.contentBytes],
  ];
  return measured
    .filter(([, value, limit]) => value > limit)
    .map(([name, value, limit]) => `${value.toLocaleString("en")} ${name}, of ${limit.toLocaleString("en")}`);
}
