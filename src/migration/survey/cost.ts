import { breachesOf, describeBreach, monthlyPrice, priceOfRequests } from "../../pricing/plan-cost.ts";
import type { Plan, PlanName } from "../../pricing/prices.ts";
import type { StoreInfo } from "../../store/store.ts";
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
  readonly plan: PlanName;
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

export interface CostOptions {
  readonly sizes: PlannedSizes;
  readonly index: StoreInfo;
  readonly namespace: string;
  /** Number of records that the index does not have yet. */
  readonly newCount: number;
}

/** What the migration costs on one plan. Later traffic is the subject of `ragfood cost`. */
export function costOf(plan: Plan, { sizes, index, namespace, newCount }: CostOptions): CostEstimate {
  const { recordCount, textBytes, metadataBytes, vectorBytes } = sizes;
  const reads = Math.ceil(recordCount / fetchedAtOnce) + Math.ceil(recordCount / idsAtOnce);
  const isNew = index.namespaces[namespace] === undefined;
  const migrated = { contentBytes: textBytes + metadataBytes, vectorBytes, dimension: index.dimension };
  const holding = {
    ...migrated,
    recordCount: index.recordCount + newCount,
    namespaceCount: Object.keys(index.namespaces).length + (isNew ? 1 : 0),
  };
  const { dailyUpdates, dailyQueries } = plan.limits;
  return {
    plan: plan.name,
    migrationPrice: priceOfRequests(plan, recordCount + reads),
    monthlyPrice: monthlyPrice(plan, holding, { queries: 0, updates: 0, bytes: 0 })?.total,
    days: Math.max(1, Math.ceil(recordCount / dailyUpdates), Math.ceil(reads / dailyQueries)),
    breaches: breachesOf(plan, holding).map(describeBreach),
  };
}
