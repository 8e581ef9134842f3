export {
  type CatchUpEvent,
  type CatchUpOptions,
  type CatchUpReport,
  type CatchUpSettings,
  catchUp,
} from "./catch-up.ts";
export {
  type Difference,
  type DifferenceCounts,
  type DifferenceKind,
  differenceKinds,
} from "./difference.ts";
export { verifyMarkdown } from "./markdown.ts";
export {
  type RepairEvent,
  type RepairOptions,
  type RepairReport,
  type RepairSettings,
  repairRecords,
} from "./repair.ts";
export { catchUpMarkdown, repairMarkdown } from "./repair-markdown.ts";
export type { VerifyReport } from "./report.ts";
export type { VerifyEvent, VerifyOptions, VerifySettings } from "./settings.ts";
export { verifyRecords } from "./verify.ts";
