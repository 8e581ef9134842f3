import { UsageError } from "../../foundation/errors.ts";
import { type PlanName, readPrices } from "../../pricing/prices.ts";
import type { CallOptions, StoreInfo } from "../../store/store.ts";
import type { Norms } from "../norms.ts";
import type { RecordSource, SourceDescription } from "../source.ts";
import type { Embedding, MigrationTarget } from "../target.ts";
import { type CostEstimate, costOf, type PlannedSizes, sizesOf } from "./cost.ts";
import { type SortedFindings, sortFindings } from "./findings-markdown.ts";
import { planFindings } from "./plan-findings.ts";
import { surveyRecords } from "./survey.ts";
import { type TimeEstimate, timeOf } from "./time.ts";

export interface PlanSettings {
  /** As at the import. Default: texts as they are. */
  readonly template?: string | undefined;
  /** Records in one write, 1 to 1,000. Default 100. */
  readonly batchSize?: number;
  /** Maximum number of concurrent writes. Default 4. */
  readonly concurrency?: number;
  /** Records a second, stated by the user or measured. Default: an assumption. */
  readonly rate?: { readonly recordsPerSecond: number; readonly basis: "stated" | "measured" } | undefined;
  /** The Upstash plan of the target; limits that it exceeds are problems. Default: not known. */
  readonly plan?: PlanName | undefined;
  /** The store embeds the texts itself, before they reach the index. Default false. */
  readonly storeEmbeds?: boolean;
  /** Another metric than the source's is a warning and not a problem, even if it changes ranks. Default false. */
  readonly acceptMetricChange?: boolean;
  /** Records of the target that have ids of the source and other content may be replaced. Default false. */
  readonly overwrite?: boolean;
  /** Metadata keys that are left out; one that no record has is a problem. Default: none. */
  readonly droppedKeys?: readonly string[];
  /** The records are exported into a dump first, which has to hold them too. Default true. */
  readonly isExported?: boolean;
}

export interface PlanOptions extends CallOptions {
  readonly source: RecordSource;
  readonly target: MigrationTarget;
  readonly settings?: PlanSettings;
  /** Whether this migration wrote the target's record of an id. Default: no record. */
  readonly wrote?: (id: string) => boolean;
  readonly onEvent?: (event: PlanEvent) => void;
}

export interface PlanEvent {
  readonly type: "plan-progress";
  readonly done: number;
  readonly total: number;
}

/** What a migration would do; plain JSON. */
export interface Plan extends SortedFindings {
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
    /** Number of records that the namespace already has. */
    readonly recordCount: number;
  };
  readonly embedding: Embedding;
  readonly sizes: PlannedSizes;
  /** Number of ids that the target already has: they would be overwritten. */
  readonly existingCount: number;
  /** Lengths of the vectors that would be carried over. */
  readonly norms: Norms | undefined;
  readonly batchSize: number;
  /** Number of writes, of one batch each. */
  readonly batchCount: number;
  readonly time: TimeEstimate;
  /** By plan of Upstash Vector; without meaning for an embedded target. */
  readonly costs: readonly CostEstimate[];
  /** The date of the prices. */
  readonly pricesOf: string;
}

/**
 * Reports what a migration would do, take and cost, and what prevents it, from one pass over the source. Writes
 * nothing; asks the target what it is and, if it is not empty, which of the ids it has.
 *
 * @throws {UsageError} for a setting out of range
 * @throws {CancelledError} when the signal fires
 * @throws {ServiceError | StorageError | DataError} if either side cannot be read
 */
export async function planMigration(options: PlanOptions): Promise<Plan> {
  const { source, target, settings = {}, signal } = options;
  const { batchSize = 100, concurrency = 4, template, rate } = settings;
  const { store, namespace, embedding } = target;
  requirePositive({ batchSize, concurrency, recordsPerSecond: rate?.recordsPerSecond ?? 1 });
  const calling = { signal };
  const description = await source.describe(calling);
  const index = await store.info(calling);
  const present = index.namespaces[namespace] ?? 0;
  const { dimension, recordCount: total } = description;
  const survey = await surveyRecords({
    source,
    transformation: { embedding, template },
    limits: [
      { holder: "index", index, embedding },
      ...((settings.isExported ?? true) ? [{ holder: "dump", dimension } as const] : []),
    ],
    present: present === 0 ? undefined : { store, namespace, wrote: options.wrote },
    embeddingModel: index.embeddingModel,
    onBatch: (done) => options.onEvent?.({ type: "plan-progress", done, total }),
    ...calling,
  });
  const sizes = sizesOf(survey, index, embedding);
  const newCount = survey.recordCount - survey.existing.count;
  const prices = readPrices();
  const costs = prices.upstash.plans.map((plan) => costOf(plan, { sizes, index, namespace, newCount }));
  const findings = sortFindings(
    planFindings({
      description,
      index,
      target,
      survey,
      present,
      storeEmbeds: settings.storeEmbeds ?? false,
      hasTemplate: template !== undefined,
      acceptMetricChange: settings.acceptMetricChange ?? false,
      overwrite: settings.overwrite ?? false,
      droppedKeys: settings.droppedKeys ?? [],
      cost: costs.find(({ plan }) => plan === settings.plan),
    }),
  );
  const { type, similarityFunction, embeddingModel, sparseEmbeddingModel } = index;
  return {
    isPossible: findings.problems.length === 0,
    source: { ...description, name: source.name },
    target: {
      store: store.name,
      namespace,
      type,
      dimension: index.dimension,
      similarityFunction,
      embeddingModel,
      sparseEmbeddingModel,
      recordCount: present,
    },
    embedding,
    sizes,
    existingCount: survey.existing.count,
    norms: survey.norms.norms,
    batchSize,
    batchCount: Math.ceil(sizes.recordCount / batchSize),
    time: timeOf({ recordCount: sizes.recordCount, batchSize, concurrency, embedding, rate }),
    costs,
    pricesOf: prices.date,
    ...findings,
  };
}

/** @throws {UsageError} */
function requirePositive(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isFinite(value) && value > 0) continue;
    throw new UsageError(`${name} has to be a number above 0 (it is ${value}).`);
  }
}
