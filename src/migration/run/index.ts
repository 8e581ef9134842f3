export { type ProgressEvent, ProgressMeter } from "../progress-meter.ts";
export {
  compareTarget,
  comparisonFailure,
  targetComparisonMarkdown,
} from "./comparison.ts";
export { type Endpoint, parseEndpoint } from "./endpoint.ts";
export type { RunEvent } from "./event.ts";
export { defaultName } from "./identity.ts";
export { measureSides, missedObjectives } from "./measurement.ts";
export type {
  KnownQuestions,
  Migration,
  MigrationSource,
  OpenStore,
  OpenTarget,
  TargetDesign,
} from "./migration.ts";
export { type PhaseName, phaseNames } from "./phase-name.ts";
export { exportTo } from "./phases/export.ts";
export { omittedText } from "./phases/import.ts";
export { makePlan } from "./phases/plan.ts";
export { adviceFor, verifySummary, verifyTarget } from "./phases/verify.ts";
export { comparisonObstacle } from "./queries.ts";
export { Reference } from "./reference.ts";
export { completeness, isComplete } from "./report.ts";
export { openMigrationLedger, type RunResult, runMigration } from "./run.ts";
export { phasesOf } from "./state.ts";
export { proofLines } from "./summary.ts";
