import { z } from "@hono/zod-openapi";

/** A model as OpenAI's API lists it. */
export interface Model {
  readonly id: string;
  readonly object: "model";
  /** Unix seconds: when the service started. */
  readonly created: number;
  readonly owned_by: string;
}

export interface ModelList {
  readonly object: "list";
  readonly data: Model[];
}

export const modelSchema: z.ZodType<Model> = z
  .object({
    id: z.string().openapi({ example: "ragfood" }),
    object: z.literal("model"),
    created: z.int(),
    owned_by: z.string(),
  })
  .openapi("Model");

export const modelListSchema: z.ZodType<ModelList> = z
  .object({ object: z.literal("list"), data: z.array(modelSchema) })
  .openapi("ModelList");
