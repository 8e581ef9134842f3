export type { ImportEvent } from "./events.ts";
export { type ImportOptions, importRecords } from "./import-records.ts";
export { type ImportReport, RecordsRefusedError } from "./report.ts";
