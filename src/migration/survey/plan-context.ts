import type { StoreInfo } from "../../store/store.ts";
import type { SourceDescription } from "../source.ts";
import type { MigrationTarget } from "../target.ts";
import type { CostEstimate } from "./cost.ts";
import type { Survey } from "./survey.ts";

/** What the findings of a plan are drawn from. */
export interface PlanContext {
  readonly description: SourceDescription;
  readonly index: StoreInfo;
  readonly target: MigrationTarget;
  readonly survey: Survey;
  /** Records in the target's namespace. */
  readonly present: number;
  readonly storeEmbeds: boolean;
  readonly hasTemplate: boolean;
  readonly acceptMetricChange: boolean;
  readonly overwrite: boolean;
  readonly droppedKeys: readonly string[];
  /** On the Upstash plan of the target; `undefined` if that is not known. */
  readonly cost: CostEstimate | undefined;
}
