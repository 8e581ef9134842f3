export type { Finding } from "./findings.ts";
export type { MetadataKey } from "./metadata-keys.ts";
export { openDirectoryInventory, openServerInventory } from "./open.ts";
export type { InventoryCollection, InventorySource } from "./source.ts";
export { type CollectionSurvey, type SurveyOptions, surveyCollection } from "./survey.ts";
export type { Norms } from "./vector-tally.ts";
