export {
  compareTarget,
  comparisonRefusal,
  type TargetComparison,
  targetComparisonMarkdown,
} from "./comparison.ts";
export { type Endpoint, type EndpointKind, endpointForms, parseEndpoint } from "./endpoint.ts";
export type { ProgressEvent, RunEvent } from "./event.ts";
export { defaultName } from "./identity.ts";
export { type Measurement, measureSides, missedObjectives } from "./measurement.ts";
export type {
  KnownQuestions,
  Migration,
  MigrationSource,
  OpenStore,
  OpenTarget,
  TargetDesign,
} from "./migration.ts";
export { type PhaseName, phaseNames, type Refusal } from "./phase.ts";
export { exportTo } from "./phases/export.ts";
export { type MadePlan, makePlan } from "./phases/plan.ts";
export { verifyTarget } from "./phases/verify.ts";
export { ProgressMeter } from "./progress-meter.ts";
export { comparisonObstacle } from "./queries.ts";
export { Reference } from "./reference.ts";
export { isComplete, type ReportFiles } from "./report.ts";
export { openLedger, type RunOptions, type RunResult, runMigration } from "./run.ts";
export { type PhaseState, type PhaseStates, RunState } from "./state.ts";
