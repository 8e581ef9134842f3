import { STATUS_CODES } from "node:http";
import type { OpenAiError } from "../schemas/openai-error.ts";
import { openAiErrorSchema } from "../schemas/openai-error.ts";
import type { Problem } from "../schemas/problem.ts";

/** Whether failures of a path are reported in OpenAI's form. */
export function isOpenAiPath(path: string): boolean {
  return path === "/v1" || path.startsWith("/v1/");
}

/** The status that OpenAI's clients know: they have no 422. */
export function openAiStatus({ status }: Problem): number {
  return status === 422 ? 400 : status;
}

/** Problem details in OpenAI's form. */
export function toOpenAiError(problem: Problem): OpenAiError {
  const { detail, hint, code, errors } = problem;
  const status = openAiStatus(problem);
  const [fault] = errors ?? [];
  return {
    error: {
      message: fault ? `${fieldOf(fault.path)}: ${fault.message}` : [detail, hint].filter(Boolean).join(" "),
      type: typeOf(status),
      param: fault ? fieldOf(fault.path) : null,
      code: status === 401 ? "invalid_api_key" : code.replaceAll("-", "_"),
    },
  };
}

/** `messages.0.content`, without where it was sent. */
function fieldOf(path: string): string {
  return path.replace(/^(?:body|query|param)\./, "");
}

function typeOf(status: number): OpenAiError["error"]["type"] {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

type ErrorContent = {
  readonly description: string;
  readonly content: { readonly "application/json": { readonly schema: typeof openAiErrorSchema } };
};

/** The failures of a route under `/v1`, for `createRoute`. */
export function openAiErrors<Status extends number>(
  ...statuses: readonly Status[]
): Record<Status, ErrorContent> {
  const entries = statuses.map((status) => [
    status,
    {
      description: STATUS_CODES[status] ?? "",
      content: { "application/json": { schema: openAiErrorSchema } },
    },
  ]);
  return Object.fromEntries(entries);
}
