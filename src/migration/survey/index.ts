export type { CostEstimate, PlannedSizes } from "./cost.ts";
export { type DumpPlan, type DumpPlanOptions, planDump } from "./dump-plan.ts";
export { type CollectionInventory, type InventoryOptions, takeInventory } from "./inventory.ts";
export type { InventoryCollection, InventorySource } from "./inventory-source.ts";
export { dumpPlanMarkdown, planMarkdown } from "./markdown.ts";
export type { MetadataKey } from "./metadata-keys.ts";
export type { Norms } from "./norms.ts";
export { type Plan, type PlanEvent, type PlanOptions, type PlanSettings, planMigration } from "./plan.ts";
export type { TimeEstimate } from "./time.ts";
