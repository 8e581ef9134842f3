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
export type { FeedbackRequest } from "../../src/server/schemas/feedback.ts";
export type { FacetResponse, FacetsResponse } from "../../src/server/schemas/foods.ts";
export type { Problem } from "../../src/server/schemas/problem.ts";

// TEMPORARY: until src/server/schemas/watch.ts lands.
export interface HistoryEntry {
  readonly time: string;
  readonly isGap: boolean;
  readonly requests: number;
  readonly failed: number;
  readonly refused: number;
  readonly average: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly fallbacks: number;
  readonly breakerOpens: number;
}
export interface HistoryResponse {
  readonly from: string;
  readonly to: string;
  readonly stepSeconds: number;
  readonly points: readonly HistoryEntry[];
}
export interface AlertResponse {
  readonly id: string;
  readonly key: string;
  readonly severity: "page" | "ticket";
  readonly state: "firing" | "recovered";
  readonly sentence: string;
  readonly startedAt: string;
  readonly recoveredAt: string | null;
  readonly notification: "none" | "pending" | "delivered" | "failed";
}
export interface IncidentResponse {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly closedAt: string | null;
  readonly report: string | null;
}
