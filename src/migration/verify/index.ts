export { type CatchUpEvent, catchUp } from "./catch-up.ts";
export type { Difference } from "./difference.ts";
export { verifyMarkdown } from "./markdown.ts";
export { repairRecords } from "./repair.ts";
export { catchUpMarkdown, repairMarkdown } from "./repair-markdown.ts";
export type { VerifyReport } from "./report.ts";
export type { VerifyEvent, VerifyOptions } from "./settings.ts";
export { verifyRecords } from "./verify.ts";
export { verifyDump } from "./verify-dump.ts";
