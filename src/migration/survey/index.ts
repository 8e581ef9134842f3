export { type DumpPlan, planDump } from "./dump-plan.ts";
export { type CollectionInventory, takeInventory } from "./inventory.ts";
export type { InventorySource } from "./inventory-source.ts";
export { dumpPlanMarkdown, planMarkdown } from "./markdown.ts";
export { type Plan, type PlanEvent, type PlanOptions, type PlanSettings, planMigration } from "./plan.ts";
export { type SampledSize, sampledSize } from "./sampled-size.ts";
