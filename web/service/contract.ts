/** The answers of the service: the one place of the pages that names its source. Types only: nothing of it is loaded. */
export type {
  AlertStatus,
  Measured,
  Objective,
  Status,
  StatusSection,
  StoreStatus,
} from "../../src/operations/status/status.ts";
export type { Source } from "../../src/rag/source.ts";
export type { PlanSummary } from "../../src/rag/understanding/describe.ts";
export type { AnswerResponse, AskEvents, AskRequest, FoodFacts } from "../../src/server/schemas/ask.ts";
export type { Problem } from "../../src/server/schemas/problem.ts";
