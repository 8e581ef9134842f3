import { z } from "@hono/zod-openapi";

/** The body of `POST /api/feedback`. */
export interface FeedbackRequest {
  /** The `id` of the answer. */
  readonly answerId: string;
  readonly vote: "up" | "down";
  /** Up to 2,000 characters. */
  readonly comment?: string | undefined;
  /** Who votes, among those who share a key: an id that the page made up and keeps. */
  readonly session?: string | undefined;
  /** The question, in case the answer came from another replica or some time ago. */
  readonly question?: string | undefined;
}

export interface FeedbackResponse {
  /** Whether it is the first vote, or replaces one. */
  readonly status: "added" | "changed";
}

export const feedbackRequestSchema: z.ZodType<FeedbackRequest> = z
  .strictObject({
    answerId: z.string().regex(/^[\w-]{1,100}$/, "has to be the id of an answer"),
    vote: z.enum(["up", "down"]),
    comment: z.string().max(2_000).optional(),
    session: z
      .string()
      .regex(/^[\w-]{1,100}$/, "has to be up to 100 letters, digits, _ or -")
      .optional()
      .openapi({ description: "Who votes, among those who share a key: an id that the client made up" }),
    question: z.string().max(2_000).optional().openapi({
      description: "The question, in case another replica has answered it",
    }),
  })
  .openapi("FeedbackRequest");

export const feedbackResponseSchema: z.ZodType<FeedbackResponse> = z
  .object({ status: z.enum(["added", "changed"]) })
  .openapi("FeedbackResponse");
