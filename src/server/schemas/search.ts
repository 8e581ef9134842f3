import { z } from "@hono/zod-openapi";
import type { Source } from "../../rag/source.ts";
import type { PlanSummary } from "../../rag/understanding/describe.ts";
import { planSchema, type ScopeRequest, scopeShape, sourceSchema } from "./ask.ts";

/** The body of `POST /api/search`. */
export interface SearchRequest extends ScopeRequest {
  readonly text: string;
}

/** The best matches for a text, without an answer. */
export interface SearchResponse {
  readonly text: string;
  readonly plan: PlanSummary;
  readonly understood: readonly string[];
  /** The store that answered. */
  readonly store: string;
  readonly sources: readonly Source[];
  readonly notices: readonly string[];
  /** Milliseconds. */
  readonly timings: { readonly retrieval: number };
}

export const searchRequestSchema: z.ZodType<SearchRequest> = z
  .strictObject({
    text: z.string().max(2_000).openapi({ example: "fermented soybeans" }),
    ...scopeShape,
  })
  .openapi("SearchRequest");

export const searchResponseSchema: z.ZodType<SearchResponse> = z
  .object({
    text: z.string(),
    plan: planSchema,
    understood: z.array(z.string()),
    store: z.string(),
    sources: z.array(sourceSchema),
    notices: z.array(z.string()),
    timings: z.object({ retrieval: z.number() }).openapi({ description: "Milliseconds" }),
  })
  .openapi("SearchResponse");
