import type { CallOptions } from "../../store/store.ts";
import type { Norms } from "../norms.ts";
import type { RecordSource, SourceDescription } from "../source.ts";
import { type PlannedSizes, sizesOf } from "./cost.ts";
import { type SortedFindings, sortFindings } from "./findings-markdown.ts";
import type { PlanEvent } from "./plan.ts";
import { countFindings, omissionFindings, problemFindings, repeatedFindings } from "./record-findings.ts";
import { surveyRecords } from "./survey.ts";

export interface DumpPlanOptions extends CallOptions {
  readonly source: RecordSource;
  /** The directory that will be created. */
  readonly directory: string;
  /** Default `jsonl`. */
  readonly format?: "jsonl" | "parquet";
  /** Metadata keys that are left out; one that no record has is a problem. Default: none. */
  readonly droppedKeys?: readonly string[] | undefined;
  readonly onEvent?: (event: PlanEvent) => void;
}

/** What a dump would hold; plain JSON. */
export interface DumpPlan extends SortedFindings {
  /** No problem was found. */
  readonly isPossible: boolean;
  readonly source: SourceDescription & { readonly name: string };
  readonly directory: string;
  readonly sizes: PlannedSizes;
  readonly norms: Norms | undefined;
}

/**
 * Reports what a dump of a source would hold, from one pass over it. A dump takes what no index does, such as long
 * texts and large metadata.
 *
 * @throws {CancelledError} when the signal fires
 * @throws {ServiceError | StorageError | DataError} if the source cannot be read
 */
export async function planDump(options: DumpPlanOptions): Promise<DumpPlan> {
  const { source, directory, format = "jsonl", signal, onEvent } = options;
  const calling = { signal };
  const description = await source.describe(calling);
  const { dimension, recordCount: total } = description;
  const survey = await surveyRecords({
    source,
    limits: [{ holder: "dump", dimension, format }],
    onBatch: (done) => onEvent?.({ type: "plan-progress", done, total }),
    ...calling,
  });
  const findings = sortFindings([
    ...repeatedFindings(survey),
    ...problemFindings(survey),
    ...omissionFindings(survey, options.droppedKeys),
    ...countFindings(survey, description),
    {
      level: "fact",
      code: "as-is",
      message: "Ids, texts, vectors and metadata are written as they are; nothing is embedded.",
    },
  ]);
  return {
    isPossible: findings.problems.length === 0,
    source: { ...description, name: source.name },
    directory,
    sizes: sizesOf(survey, { dimension }, "carried"),
    norms: survey.norms.norms,
    ...findings,
  };
}
