import {
  AuthenticationError,
  CancelledError,
  ConnectionError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  QuotaError,
  RagfoodError,
  RateLimitError,
  ServiceFaultError,
  TimeoutError,
} from "../../foundation/errors.ts";
import type { ChromaServer } from "./server.ts";

/** What the client puts before the server's own words. */
const clientPreamble = /^Bad request to \S+ with status: /;

/**
 * What went wrong in a call to Chroma, as a typed error. The client throws a class for each status that it
 * knows, and keeps neither the status nor the cause; of copies of its package, only the names agree.
 */
export function chromaError(
  error: unknown,
  { url, timeoutMs }: ChromaServer,
  state: { timedOut: boolean; cancelled: boolean },
): RagfoodError {
  if (error instanceof RagfoodError) return error;
  if (state.cancelled) return new CancelledError();
  if (state.timedOut) {
    return new TimeoutError("chroma", `Chroma at ${url} gave no answer for ${timeoutMs / 1_000} s.`, {
      cause: error,
      hint: "Raise REQUEST_TIMEOUT_MS; the first query after a start loads the index from disk.",
    });
  }
  const { name, message } = error as Error;
  const text = `Chroma at ${url}: ${message.replace(clientPreamble, "")}`;
  switch (name) {
    case "ChromaConnectionError":
      return new ConnectionError("chroma", `Chroma does not answer at ${url}.`, {
        cause: error,
        hint: "Start it with `chroma run`, or set CHROMA_URL.",
      });
    case "ChromaAuthError":
      return new AuthenticationError("chroma", `Chroma at ${url} does not accept the token.`, {
        cause: error,
        status: 401,
        hint: "Check CHROMA_TOKEN.",
      });
    case "ChromaForbiddenError":
      return new ForbiddenError("chroma", `Chroma at ${url} does not allow this.`, {
        cause: error,
        status: 403,
        hint: "Check what CHROMA_TOKEN may do, and CHROMA_TENANT and CHROMA_DATABASE.",
      });
    case "ChromaNotFoundError":
      return new NotFoundError("chroma", text, { cause: error, status: 404 });
    case "ChromaRateLimitError":
      return new RateLimitError("chroma", text, { cause: error, status: 429 });
    case "ChromaQuotaExceededError":
      return new QuotaError("chroma", text, { cause: error, status: 422 });
    case "ChromaUniqueError":
      return new InvalidRequestError("chroma", text, { cause: error, status: 409 });
    case "ChromaClientError":
    case "ChromaValueError":
    case "InvalidArgumentError":
    case "InvalidCollectionError":
      return new InvalidRequestError("chroma", text, { cause: error });
    default:
      return new ServiceFaultError("chroma", text, {
        cause: error,
        hint: "The log of the Chroma server says more.",
      });
  }
}
