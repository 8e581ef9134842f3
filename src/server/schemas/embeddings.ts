import { z } from "@hono/zod-openapi";

/** The body of `POST /v1/embeddings`. Other fields have no effect. */
export interface EmbeddingsRequest {
  readonly model: string;
  readonly input: string | string[] | number[] | number[][];
  readonly encoding_format?: "float" | "base64" | null | undefined;
  readonly dimensions?: number | null | undefined;
  /** What the texts are for; some models embed a query in another way. Default: `document`. */
  readonly input_type?: "document" | "query" | null | undefined;
}

export interface EmbeddingsResponse {
  readonly object: "list";
  readonly data: {
    readonly object: "embedding";
    readonly index: number;
    /** float32 components as numbers, or their bytes (little-endian) in base64. */
    readonly embedding: number[] | string;
  }[];
  readonly model: string;
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
}

/** OpenAI's own limit. */
const mostInputs = 2_048;

const tokens = z.array(z.number()).min(1).max(mostInputs);

export const embeddingsRequestSchema: z.ZodType<EmbeddingsRequest> = z
  .looseObject({
    model: z.string().max(200),
    input: z.union([z.string(), z.array(z.string()).min(1).max(mostInputs), tokens, z.array(tokens).min(1)]),
    encoding_format: z.enum(["float", "base64"]).nullish(),
    dimensions: z.int().min(1).nullish(),
    input_type: z
      .enum(["document", "query"])
      .nullish()
      .openapi({ description: "What the texts are for (default: document)" }),
  })
  .openapi("EmbeddingsRequest");

export const embeddingsSchema: z.ZodType<EmbeddingsResponse> = z
  .object({
    object: z.literal("list"),
    data: z.array(
      z.object({
        object: z.literal("embedding"),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    model: z.string(),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .openapi("Embeddings");
