import type { StoreInfo } from "../../store/store.ts";
import type { IdTally } from "../id-tally.ts";
import type { SourceDescription } from "../source.ts";
import type { MigrationTarget } from "../target.ts";
import type { CostEstimate } from "./cost.ts";
import type { RecordSurvey } from "./survey.ts";

/** One thing that a plan tells. */
export interface Finding {
  /** `problem`: it cannot work. `warning`: something differs, or may not be meant. `fact`: good to know. */
  readonly level: "problem" | "warning" | "fact";
  /** Stable, to branch on. */
  readonly code: string;
  /** One sentence or two. */
  readonly message: string;
  /** What to do, one sentence. */
  readonly hint?: string;
  /** Records that it concerns, and the first of their ids. */
  readonly recordCount?: number;
  readonly ids?: readonly string[];
}

export interface FindingsOptions {
  readonly description: SourceDescription;
  readonly index: StoreInfo;
  readonly target: MigrationTarget;
  readonly survey: RecordSurvey;
  /** Records in the target's namespace. */
  readonly present: number;
  readonly storeEmbeds: boolean;
  readonly hasTemplate: boolean;
  /** On the plan that the target is said to be on. */
  readonly cost: CostEstimate | undefined;
}

/** A finding about records, none where there are none. */
export function ofRecords({ count, ids }: IdTally, finding: Omit<Finding, "recordCount" | "ids">): Finding[] {
  return count === 0 ? [] : [{ ...finding, recordCount: count, ids }];
}
