export type { CostEstimate, PlannedSizes } from "./cost.ts";
export { type DumpPlan, type DumpPlanOptions, dumpPlanMarkdown, planDump } from "./dump-plan.ts";
export type { Finding } from "./finding.ts";
export { planMarkdown } from "./markdown.ts";
export type { NormSpread } from "./norm-tally.ts";
export {
  type Plan,
  type PlanEvent,
  type PlanOptions,
  type PlanSettings,
  planMigration,
  planNames,
} from "./plan.ts";
export type { TimeEstimate } from "./time.ts";
