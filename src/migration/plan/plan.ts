import { UsageError } from "../../foundation/errors.ts";
import type { CallOptions, StoreInfo } from "../../store/store.ts";
import { type UpstashPlan, upstashPlans, upstashPlansDate } from "../../store/upstash-plans.ts";
import type { RecordSource, SourceDescription } from "../source.ts";
import type { Embedding, MigrationTarget } from "../target.ts";
import { type CostEstimate, costsOf, type PlannedSizes, sizesOf } from "./cost.ts";
import type { Finding } from "./finding.ts";
import { planFindings } from "./findings.ts";
import type { NormSpread } from "./norm-tally.ts";
import { surveyRecords } from "./survey.ts";
import { type TimeEstimate, timeOf } from "./time.ts";

export interface PlanSettings {
  /** As at the import. Default: texts as they are. */
  readonly template?: string | undefined;
  /** Records in one write, 1 to 1,000. Default 100. */
  readonly batchSize?: number;
  /** Batches written at once. Default 4. */
  readonly concurrency?: number;
  /** Records a second, and whether somebody stated that or measured it. Default: an assumption. */
  readonly rate?: { readonly recordsPerSecond: number; readonly basis: "stated" | "measured" } | undefined;
  /** The plan of Upstash that the target is on; limits that it breaks are problems. Default: unknown. */
  readonly plan?: UpstashPlan["name"] | undefined;
  /** The store makes vectors of texts itself, before they reach the index. Default false. */
  readonly storeEmbeds?: boolean;
}

export interface PlanOptions extends CallOptions {
  readonly source: RecordSource;
  readonly target: MigrationTarget;
  readonly settings?: PlanSettings;
  readonly onEvent?: (event: PlanEvent) => void;
}

export interface PlanEvent {
  readonly type: "plan-progress";
  readonly done: number;
  readonly total: number;
}

/** What a migration would do; plain JSON. */
export interface Plan {
  /** No problem was found. */
  readonly isPossible: boolean;
  readonly source: SourceDescription & { readonly name: string };
  readonly target: {
    readonly store: string;
    readonly namespace: string;
    readonly type: StoreInfo["type"];
    readonly dimension: number;
    readonly similarityFunction: string;
    readonly embeddingModel: string;
    readonly sparseEmbeddingModel: string;
    /** Records that the namespace holds already. */
    readonly recordCount: number;
  };
  readonly embedding: Embedding;
  readonly sizes: PlannedSizes;
  /** Ids that the target has already: they would be written over. */
  readonly existingCount: number;
  /** Lengths of the vectors that would be carried. */
  readonly norms: NormSpread | undefined;
  readonly batchSize: number;
  /** Writes, of one batch each. */
  readonly batchCount: number;
  readonly time: TimeEstimate;
  /** By plan of Upstash Vector; of no account for an embedded target. */
  readonly costs: readonly CostEstimate[];
  /** The date of the prices. */
  readonly pricesOf: string;
  /** What cannot work. */
  readonly problems: readonly Finding[];
  /** What will differ, or may not be meant. */
  readonly warnings: readonly Finding[];
  /** What is as it should be, and worth knowing. */
  readonly facts: readonly Finding[];
}

/**
 * Says what a migration would do, take and cost, and what stands against it, from one pass over the source. It
 * writes nothing; the target is asked what it is and, where it is not empty, which of the ids it has.
 *
 * @throws {UsageError} for a setting out of range
 * @throws {CancelledError} when the signal fires
 * @throws {ServiceError | StorageError | DataError} when either side cannot be read
 */
export async function planMigration(options: PlanOptions): Promise<Plan> {
  const { source, target, settings = {}, signal } = options;
  const { batchSize = 100, concurrency = 4 } = settings;
  requirePositive({ batchSize, concurrency, recordsPerSecond: settings.rate?.recordsPerSecond ?? 1 });
  const calling = signal ? { signal } : {};
  const description = await source.describe(calling);
  const index = await target.store.info(calling);
  const present = index.namespaces[target.namespace] ?? 0;
  const total = description.recordCount;
  const survey = await surveyRecords({
    source,
    embedding: target.embedding,
    present: present === 0 ? undefined : target,
    template: settings.template,
    embeddingModel: index.embeddingModel,
    onBatch: (done) => options.onEvent?.({ type: "plan-progress", done, total }),
    ...calling,
  });
  const sizes = sizesOf(survey, index, target.embedding);
  const costs = costsOf({
    sizes,
    index,
    namespace: target.namespace,
    newCount: survey.recordCount - survey.existing.count,
  });
  const findings = planFindings({
    description,
    index,
    target,
    survey,
    present,
    storeEmbeds: settings.storeEmbeds ?? false,
    hasTemplate: settings.template !== undefined,
    cost: costs.find(({ plan }) => plan === settings.plan),
  });
  const of = (level: Finding["level"]) => findings.filter((finding) => finding.level === level);
  return {
    isPossible: of("problem").length === 0,
    source: { ...description, name: source.name },
    target: {
      store: target.store.name,
      namespace: target.namespace,
      type: index.type,
      dimension: index.dimension,
      similarityFunction: index.similarityFunction,
      embeddingModel: index.embeddingModel,
      sparseEmbeddingModel: index.sparseEmbeddingModel,
      recordCount: present,
    },
    embedding: target.embedding,
    sizes,
    existingCount: survey.existing.count,
    norms: survey.norms.spread,
    batchSize,
    batchCount: Math.ceil(sizes.recordCount / batchSize),
    time: timeOf({
      recordCount: sizes.recordCount,
      batchSize,
      concurrency,
      embedding: target.embedding,
      rate: settings.rate,
    }),
    costs,
    pricesOf: upstashPlansDate,
    problems: of("problem"),
    warnings: of("warning"),
    facts: of("fact"),
  };
}

/** @throws {UsageError} */
function requirePositive(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isFinite(value) && value > 0) continue;
    throw new UsageError(`${name} has to be a number above 0 (it is ${value}).`);
  }
}

export const planNames: readonly UpstashPlan["name"][] = upstashPlans.map(({ name }) => name);
