import { z } from "@hono/zod-openapi";
import type { RequestFault } from "../validation-error.ts";

/** Problem details (RFC 9457): the body of every answer that reports a failure. */
export interface Problem {
  /** `urn:ragfood:problem:validation` */
  readonly type: string;
  /** The meaning of the status. */
  readonly title: string;
  readonly status: number;
  /** What is wrong with this request. */
  readonly detail: string;
  /** What to do next. */
  readonly hint?: string | undefined;
  /** Names the problem for programs: `validation`, `overloaded`. */
  readonly code: string;
  /** The id under which the log of the service has the details. */
  readonly requestId: string;
  /** Each fault of the request and its place. */
  readonly errors?: readonly RequestFault[] | undefined;
  /** The place in a filter that does not parse: line from 1, column from 0. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

export const problemSchema: z.ZodType<Problem> = z
  .object({
    type: z.string().openapi({ example: "urn:ragfood:problem:validation" }),
    title: z.string(),
    status: z.int().openapi({ example: 422 }),
    detail: z.string(),
    hint: z.string().optional(),
    code: z.string().openapi({ example: "validation" }),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    line: z.int().optional(),
    column: z.int().optional(),
  })
  .openapi("Problem", { description: "Problem details (RFC 9457)" });
