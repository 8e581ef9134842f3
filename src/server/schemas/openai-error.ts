import { z } from "@hono/zod-openapi";

/** The body of a failure under `/v1`, as OpenAI's clients expect it. */
export interface OpenAiError {
  readonly error: {
    readonly message: string;
    readonly type:
      | "invalid_request_error"
      | "authentication_error"
      | "permission_error"
      | "rate_limit_error"
      | "server_error";
    /** The field at fault. */
    readonly param: string | null;
    readonly code: string | null;
  };
}

export const openAiErrorSchema: z.ZodType<OpenAiError> = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.enum([
        "invalid_request_error",
        "authentication_error",
        "permission_error",
        "rate_limit_error",
        "server_error",
      ]),
      param: z.string().nullable(),
      code: z.string().nullable().openapi({ example: "model_not_found" }),
    }),
  })
  .openapi("OpenAiError");
