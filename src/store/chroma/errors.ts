import {
  CancelledError,
  InvalidRequestError,
  RagfoodError,
  ServiceFaultError,
  TimeoutError,
} from "../../foundation/errors.ts";
import { networkError } from "../../foundation/network-fault.ts";
import type { ChromaServer } from "./server.ts";

/** What the client throws before it sends anything; of copies of its package, only the names agree. */
const clientErrors = new Set([
  "ChromaClientError",
  "ChromaValueError",
  "InvalidArgumentError",
  "InvalidCollectionError",
]);

/** What went wrong in a call to Chroma, as a typed error that says what to do. */
export function chromaError(
  error: unknown,
  server: Pick<ChromaServer, "url" | "timeoutMs">,
  state: { timedOut: boolean; cancelled: boolean },
): RagfoodError {
  if (error instanceof RagfoodError) return error;
  const { url, timeoutMs } = server;
  if (state.cancelled) return new CancelledError();
  if (state.timedOut) {
    return new TimeoutError("chroma", `Chroma at ${url} gave no answer for ${timeoutMs / 1_000} s.`, {
      cause: error,
      hint: "Raise REQUEST_TIMEOUT_MS; the first query after a start loads the index from disk.",
    });
  }
  const failure = networkError("chroma", url, "CHROMA_URL", error, {
    name: "Chroma",
    start: "Start it with `chroma run`",
  });
  if (failure !== undefined) return failure;
  const { name, message } = error as Error;
  const text = `Chroma at ${url}: ${message}`;
  if (clientErrors.has(name)) return new InvalidRequestError("chroma", text, { cause: error });
  return new ServiceFaultError("chroma", text, {
    cause: error,
    hint: "The log of the Chroma server says more.",
  });
}
