import { z } from "@hono/zod-openapi";
import type { Answer } from "../../rag/answer.ts";
import type { Source } from "../../rag/source.ts";
import type { PlanSummary } from "../../rag/understanding/describe.ts";
import { optional } from "./optional.ts";
import type { Problem } from "./problem.ts";

/** Characters of a question: far more than a person asks. */
const longestQuestion = 2_000;

/** Characters of an earlier answer: as much as ragfood writes. */
const longestAnswer = 32_000;

/** The limits of a search. */
export interface ScopeRequest {
  /** A condition on metadata (docs/filters.md). */
  readonly filter?: string | undefined;
  /** Sources to retrieve, 1 to 1,000. Default: MAX_RESULTS. */
  readonly topK?: number | undefined;
  /** Default: NAMESPACE. */
  readonly namespace?: string | undefined;
  /** Searches for the words as they are. */
  readonly literal?: boolean | undefined;
  /** Keys of understood parts to ignore, as the plan lists them: `diet:vegan`, `food:biryani`. */
  readonly ignore?: string[] | undefined;
}

/** The body of `POST /api/ask`. */
export interface AskRequest extends ScopeRequest {
  readonly question: string;
  /** Earlier exchanges, oldest first. */
  readonly history?:
    | { readonly question: string; readonly answer: string; readonly ignore?: string[] | undefined }[]
    | undefined;
}

/** What the record of a food that the question names says. */
export interface FoodFacts {
  readonly id: string;
  /** The number of the source. */
  readonly source: number;
  readonly name: string;
  /** `energy`: `160 kcal per 100 g`. */
  readonly facts: readonly { readonly role: string; readonly text: string }[];
}

/** The answer of the library, with an id for feedback and the facts that are asked about. */
export interface AnswerResponse extends Answer {
  readonly id: string;
  readonly facts: readonly FoodFacts[];
}

/** The data of the events of a streamed answer, by the name of the event; they arrive in this order. */
export interface AskEvents {
  readonly understanding: { readonly plan: PlanSummary; readonly understood: readonly string[] };
  readonly sources: readonly Source[];
  readonly facts: readonly FoodFacts[];
  /** One piece of the text. */
  readonly text: { readonly text: string };
  /**
   * - `fallback`: another store than the first has found the sources
   * - `restart`: a generator failed; the text so far is void, and another generator begins
   * - `advice`: why nothing was found, or what the check of the text found
   */
  readonly notice: { readonly kind: "fallback" | "restart" | "advice"; readonly text: string };
  /** The whole answer, as without streaming. */
  readonly answer: AnswerResponse;
  /** The stream ends with it. */
  readonly error: Problem;
}

const ignoreSchema = z.array(z.string().max(200)).max(50).optional();

/** The fields of `ScopeRequest`. */
export const scopeShape: { [Name in keyof Required<ScopeRequest>]: z.ZodType<ScopeRequest[Name]> } = {
  filter: z
    .string()
    .max(4_000)
    .optional()
    .openapi({ description: "A condition on metadata (docs/filters.md)", example: "region = 'India'" }),
  topK: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .openapi({ description: "Sources to retrieve (default: MAX_RESULTS)" }),
  namespace: z.string().max(1_000).optional().openapi({ description: "Default: NAMESPACE" }),
  literal: z
    .boolean()
    .optional()
    .openapi({ description: "Search for the words as they are: no correction, no filter, no named food" }),
  ignore: ignoreSchema.openapi({
    description:
      "Keys of understood parts to ignore, as `plan` lists them; a key that the question does not have is refused",
    example: ["diet:vegan", "excluded:nuts", "not:europe", "food:biryani"],
  }),
};

export const askRequestSchema: z.ZodType<AskRequest> = z
  .strictObject({
    question: z.string().max(longestQuestion).openapi({ example: "Which Indian dishes are vegan?" }),
    history: z
      .array(
        z
          .strictObject({
            question: z.string().max(longestQuestion),
            answer: z.string().max(longestAnswer),
            ignore: ignoreSchema.openapi({
              description: "Keys of understood parts that its answer ignored: follow-ups do without them too",
              example: ["diet:vegan"],
            }),
          })
          .openapi("Exchange"),
      )
      .max(50)
      .optional()
      .openapi({ description: "Earlier exchanges, oldest first" }),
    ...scopeShape,
  })
  .openapi("AskRequest");

export const sourceSchema: z.ZodType<Source> = z
  .object({
    number: z.int().openapi({ description: "The number that the text cites: 1 for [1]" }),
    id: z.string(),
    score: z.number(),
    region: z.string(),
    type: z.string(),
    text: z.string(),
    metadata: z.record(z.string(), z.unknown()),
    reasons: z.array(z.string()).openapi({
      description: "Why it was chosen",
      example: ["meets: vegan, from Africa", "shares the words: stew"],
    }),
  })
  .openapi("Source");

const key = z.string().openapi({ description: "For `ignore`", example: "diet:vegan" });

const givenUpSchema = z.object({
  kind: z.enum([
    "diet",
    "allergen",
    "ingredient",
    "region",
    "continent",
    "type",
    "meal",
    "season",
    "occasion",
    "energy",
    "figure",
    "nutrient",
    "word",
  ]),
  name: z.string().openapi({ example: "vegan" }),
  isExcluded: z.boolean(),
});

const written = optional(z.string()).openapi({
  description: "As the question writes it, if these are other words",
  example: "dairy",
});

const constraintSchema = givenUpSchema.extend({
  key,
  written,
  filter: optional(z.string()),
  phrases: optional(z.array(z.string())),
  isDropped: optional(z.boolean()).openapi({
    description: "No record meets it together with the others, so that the search did without it",
  }),
});

const superlativeSchema = z.object({
  fact: z.string(),
  direction: z.enum(["most", "least"]),
  field: optional(z.string()).openapi({ description: "Absent if no record has a figure for the fact" }),
});

export const planSchema: z.ZodType<PlanSummary> = z
  .object({
    question: z.string(),
    kind: z.enum(["fact", "compare", "superlative", "list", "find", "outside", "about"]),
    noun: optional(z.string()).openapi({
      description: "What a record is called, if the records are not about food",
      example: "record",
    }),
    corrections: z.array(z.object({ key, from: z.string(), to: z.string() })),
    foods: z.array(z.object({ key, name: z.string(), written, ids: z.array(z.string()) })),
    asked: z.object({
      facts: z.array(z.string()),
      diets: z.array(z.string()),
      unlabelledDiets: optional(z.array(z.string())),
      allergens: z.array(z.string()),
      ingredients: z.array(z.string()),
    }),
    constraints: z.array(constraintSchema),
    notRequired: optional(z.array(z.string())),
    superlative: optional(superlativeSchema),
    language: optional(z.string()).openapi({ description: "Of a question that is not English" }),
    wanted: optional(z.int()).openapi({ description: "How many records the question asks for" }),
    unread: optional(z.array(z.string())).openapi({
      description: "What the question leaves out and no condition covers: foods are not checked for it",
      example: ["latex"],
    }),
    unmentioned: optional(z.array(z.string())).openapi({
      description: "Words that no record has",
      example: ["Caesar"],
    }),
    searchText: z.string(),
    terms: z.array(z.string()),
    takenAs: optional(z.string()),
    givenUp: optional(z.array(givenUpSchema)),
    asksWhy: optional(z.literal(true)),
  })
  .openapi("Plan", { description: "What the question was understood as" });

const foodFactsSchema: z.ZodType<FoodFacts> = z
  .object({
    id: z.string(),
    source: z.int().openapi({ description: "The number of the source" }),
    name: z.string(),
    facts: z.array(z.object({ role: z.string(), text: z.string() })),
  })
  .openapi("FoodFacts");

export const answerSchema: z.ZodType<AnswerResponse> = z
  .object({
    id: z.string().openapi({ description: "For POST /api/feedback" }),
    question: z.string(),
    text: z.string(),
    sources: z.array(sourceSchema),
    facts: z.array(foodFactsSchema).openapi({ description: "Of the foods that the question names" }),
    plan: planSchema,
    understood: z.array(z.string()),
    store: z.string().openapi({ example: "embedded" }),
    alternative: optional(z.string()).openapi({
      description: "What the sources say in their own words, if the checks of a model's answer failed",
    }),
    generator: z.string().openapi({ example: "extractive" }),
    notices: z.array(z.string()),
    tokens: optional(z.object({ prompt: z.number(), completion: z.number() })).openapi({
      description: "As the model's server counts them",
    }),
    timings: z
      .object({
        understanding: z.number(),
        retrieval: z.number(),
        generation: z.number(),
        total: z.number(),
      })
      .openapi({ description: "Milliseconds" }),
  })
  .openapi("Answer");
