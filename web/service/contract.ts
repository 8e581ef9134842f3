/** The answers of the service: the one place of the pages that names its source. Types only: nothing of it is loaded. */
export type { CutoverSectionDetails } from "../../src/cutover/section-details.ts";
export type { LiveCost } from "../../src/operations/cost/live-cost.ts";
export type { DriftFigures } from "../../src/operations/drift/drift-in-section.ts";
export type { FeedbackDetails } from "../../src/operations/feedback/feedback-section.ts";
export type { ModelDetails } from "../../src/operations/status/model-health.ts";
export type {
  Measured,
  Objective,
  SectionName,
  Status,
  StatusSection,
  StoreStatus,
} from "../../src/operations/status/status.ts";
export type { Source } from "../../src/rag/source.ts";
export type { PlanSummary } from "../../src/rag/understanding/describe.ts";
export type { AnswerResponse, AskEvents, AskRequest, FoodFacts } from "../../src/server/schemas/ask.ts";
export type { CutoverResponse } from "../../src/server/schemas/cutover.ts";
export type { FeedbackRequest } from "../../src/server/schemas/feedback.ts";
export type { FacetResponse, FacetsResponse } from "../../src/server/schemas/foods.ts";
export type { IncidentResponse } from "../../src/server/schemas/incidents.ts";
export type { Problem } from "../../src/server/schemas/problem.ts";
export type {
  AlertResponse,
  HistoryEntry,
  HistoryResponse,
} from "../../src/server/schemas/watch.ts";
