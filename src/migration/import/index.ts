export type { ImportEvent, ImportListener, Refusal } from "./events.ts";
export { type ImportOptions, importRecords } from "./import-records.ts";
export { type ImportOutcome, type ImportReport, RecordsRefusedError } from "./report.ts";
export { defaultImportSettings, type ImportSettings } from "./settings.ts";
