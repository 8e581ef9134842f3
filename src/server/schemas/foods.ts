import { z } from "@hono/zod-openapi";
import type { FacetValue } from "../../rag/catalog/facets.ts";
import type { FoodRecord } from "../../rag/source.ts";

/** The answer of `GET /api/foods`. */
export interface FoodPage {
  readonly foods: readonly FoodRecord[];
  /** For the next page; absent after the last one. A page may be empty and not be the last. */
  readonly nextCursor?: string | undefined;
  readonly store: string;
}

/** What records have in one field, for menus and filters. */
export interface FacetResponse {
  /** As a filter names it. */
  readonly field: string;
  /** Records that have it. */
  readonly recordCount: number;
  /** Whether it has lists, so that a filter says CONTAINS. */
  readonly isList: boolean;
  /** Most frequent first. */
  readonly values: readonly { readonly value: FacetValue; readonly count: number }[];
  /** Whether these are all values. */
  readonly isComplete: boolean;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}

/** The answer of `GET /api/foods/facets`. */
export interface FacetsResponse {
  readonly recordCount: number;
  /** Whether the index is so large that only a part of it was counted. */
  readonly isPartial: boolean;
  /** Whether the records are about food, so that words for diets, allergens and meals have a meaning. */
  readonly isAboutFood: boolean;
  readonly facets: readonly FacetResponse[];
}

/** The answer of a write that is kept until the store accepts it. */
export interface QueuedResponse {
  readonly queued: true;
  readonly reason: string;
}

export interface FoodQuery {
  readonly filter?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
  readonly namespace?: string | undefined;
}

export interface FacetsQuery {
  readonly limit?: number | undefined;
  readonly namespace?: string | undefined;
}

export interface NamespaceQuery {
  readonly namespace?: string | undefined;
}

const namespace = z.string().max(1_000).optional().openapi({ description: "Default: NAMESPACE" });

function countIn(maximum: number, description: string): z.ZodType<number | undefined> {
  return z.coerce.number().int().min(1).max(maximum).optional().openapi({ description });
}

export const foodQuerySchema: z.ZodObject<{
  [Name in keyof Required<FoodQuery>]: z.ZodType<FoodQuery[Name]>;
}> = z.object({
  filter: z
    .string()
    .max(4_000)
    .optional()
    .openapi({ description: "A condition on metadata (docs/filters.md)" }),
  cursor: z.string().max(2_000).optional().openapi({ description: "`nextCursor` of the page before" }),
  limit: countIn(200, "Foods a page (default: 20)"),
  namespace,
});

export const facetsQuerySchema: z.ZodObject<{
  [Name in keyof Required<FacetsQuery>]: z.ZodType<FacetsQuery[Name]>;
}> = z.object({ limit: countIn(1_000, "Values a field (default: 50)"), namespace });

export const namespaceQuerySchema: z.ZodObject<{
  [Name in keyof Required<NamespaceQuery>]: z.ZodType<NamespaceQuery[Name]>;
}> = z.object({ namespace });

export const idParameterSchema: z.ZodObject<{ id: z.ZodString }> = z.object({
  id: z
    .string()
    .min(1)
    .max(4_096)
    .openapi({ param: { name: "id", in: "path" }, example: "pad-thai" }),
});

export const foodSchema: z.ZodType<FoodRecord> = z
  .object({
    id: z.string(),
    text: z.string(),
    metadata: z.record(z.string(), z.unknown()).openapi({ description: "All other fields" }),
  })
  .openapi("Food");

export const foodPageSchema: z.ZodType<FoodPage> = z
  .object({
    foods: z.array(foodSchema),
    nextCursor: z.string().optional().openapi({
      description: "For the next page; absent after the last one. A page may be empty and not be the last",
    }),
    store: z.string(),
  })
  .openapi("FoodPage");

export const facetsSchema: z.ZodType<FacetsResponse> = z
  .object({
    recordCount: z.int(),
    isPartial: z.boolean(),
    isAboutFood: z.boolean().openapi({ description: "Whether diets, allergens and meals have a meaning" }),
    facets: z.array(
      z.object({
        field: z.string(),
        recordCount: z.int(),
        isList: z.boolean(),
        values: z.array(z.object({ value: z.union([z.string(), z.number(), z.boolean()]), count: z.int() })),
        isComplete: z.boolean(),
        minimum: z.number().optional(),
        maximum: z.number().optional(),
      }),
    ),
  })
  .openapi("Facets");

/** A food without its id, as a data file holds it: its text, and any other fields. */
export const foodBodySchema: z.ZodType<Record<string, unknown>> = z
  .looseObject({
    text: z.string().openapi({ example: "Pho is a fragrant noodle soup with beef and herbs." }),
    region: z.string().optional().openapi({ example: "Vietnam" }),
    type: z.string().optional().openapi({ example: "Soup" }),
  })
  .openapi("FoodBody");

export const queuedSchema: z.ZodType<QueuedResponse> = z
  .object({ queued: z.literal(true), reason: z.string() })
  .openapi("Queued");
