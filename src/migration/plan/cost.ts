import type { StoreInfo } from "../../store/store.ts";
import { type UpstashPlan, upstashPlans } from "../../store/upstash-plans.ts";
import type { Embedding } from "../target.ts";
import type { RecordSurvey } from "./survey.ts";

export interface PlannedSizes {
  readonly recordCount: number;
  /** Of the texts as they would be written, UTF-8. */
  readonly textBytes: number;
  /** Of the metadata as JSON, UTF-8. */
  readonly metadataBytes: number;
  /** Of the vectors as float32, those that the target makes included. */
  readonly vectorBytes: number;
}

const bytesPerComponent = 4;
/** An index of 32 bits and a float32. */
const bytesPerSparseEntry = 8;

/** How many vectors a target makes of texts is known; how long its sparse ones are is not. */
export function sizesOf(
  survey: RecordSurvey,
  index: Pick<StoreInfo, "dimension">,
  embedding: Embedding,
): PlannedSizes {
  const { recordCount, textBytes, metadataBytes } = survey;
  const components = embedding === "carried" ? survey.componentCount : recordCount * index.dimension;
  const vectorBytes = components * bytesPerComponent + survey.sparseEntryCount * bytesPerSparseEntry;
  return { recordCount, textBytes, metadataBytes, vectorBytes };
}

/** What a migration would cost on one plan. US dollars, without tax and without traffic. */
export interface CostEstimate {
  readonly plan: UpstashPlan["name"];
  /** Requests of the import and of one verification; `undefined` where the price is negotiated. */
  readonly migrationPrice: number | undefined;
  /** The plan and the storage of what is migrated, a month; without the queries to come. */
  readonly monthlyPrice: number | undefined;
  /** Days over which the daily quotas spread the migration, 1 at least. */
  readonly days: number;
  /** Limits of the plan that the index would break. */
  readonly breaches: readonly string[];
}

/** Records that a verification fetches at once, and ids that it reads at once. */
const fetchedAtOnce = 200;
const idsAtOnce = 1_000;
const bytesPerGigabyte = 1024 ** 3;
const requestsPriced = 100_000;

export interface CostOptions {
  readonly sizes: PlannedSizes;
  readonly index: StoreInfo;
  readonly namespace: string;
  /** Records that the index does not hold yet. */
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
