import { STATUS_CODES } from "node:http";
import { problemType } from "./problem.ts";
import { problemSchema } from "./schemas/problem.ts";

type ProblemContent = {
  readonly description: string;
  readonly content: { readonly "application/problem+json": { readonly schema: typeof problemSchema } };
};

/** The failures of a route, for `createRoute`. */
export function problems<Status extends number>(
  ...statuses: readonly Status[]
): Record<Status, ProblemContent> {
  const entries = statuses.map((status) => [
    status,
    { description: STATUS_CODES[status] ?? "", content: { [problemType]: { schema: problemSchema } } },
  ]);
  return Object.fromEntries(entries);
}

/** The failures that every route with a body can have: a wrong body, no key, no right, too many requests, overload. */
export const requestProblems: ReturnType<typeof problems<400 | 401 | 403 | 413 | 422 | 429 | 503>> = problems(
  400,
  401,
  403,
  413,
  422,
  429,
  503,
);
