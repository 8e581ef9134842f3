import { Ollama } from "ollama";
import {
  CancelledError,
  errorFromStatus,
  NotFoundError,
  RagfoodError,
  ServiceFaultError,
  TimeoutError,
} from "../foundation/errors.ts";
import { IdleTimeout } from "../foundation/idle-timeout.ts";
import { isSameModel } from "../foundation/model-name.ts";
import { networkError } from "../foundation/network-fault.ts";
import { checkedAnswer } from "./answer.ts";
import type { OllamaConnection } from "./connection.ts";

/** A client whose calls end when `signal` aborts. Each call needs a new client, because its abort is per client. */
export function ollamaClient(connection: OllamaConnection, signal: AbortSignal): Ollama {
  const send = connection.fetch ?? fetch;
  return new Ollama({
    host: connection.host,
    fetch: async (input, init) => {
      const signals = init?.signal ? [init.signal, signal] : [signal];
      return await checkedAnswer(await send(input, { ...init, signal: AbortSignal.any(signals) }));
    },
  });
}

/** Turns a failed call to Ollama into a typed error with a hint. */
export function ollamaError(
  error: unknown,
  connection: OllamaConnection,
  model: string,
  state: { timedOut: boolean; cancelled: boolean },
): RagfoodError {
  if (error instanceof RagfoodError) return error;
  const { host, timeoutMs } = connection;
  if (state.cancelled) return new CancelledError();
  if (state.timedOut) {
    return new TimeoutError("ollama", `Ollama at ${host} gave no answer for ${timeoutMs / 1_000} s.`, {
      cause: error,
      hint: "The first answer after a start loads the model; raise LLM_TIMEOUT_MS or take a smaller LLM_MODEL.",
    });
  }
  const { status_code: status, retryAfterMs } = error as { status_code?: unknown; retryAfterMs?: number };
  const text = (error as Error).message;
  if (/model .*not found/i.test(text)) {
    return new NotFoundError("ollama", `Ollama at ${host} does not have the model ${model}.`, {
      cause: error,
      status: 404,
      hint: `Run: ollama pull ${model}`,
    });
  }
  if (status === 404) {
    return new NotFoundError("ollama", `The server at ${host} has no Ollama API: ${text}`, {
      cause: error,
      status: 404,
      hint: "OLLAMA_HOST is the address of the server alone, without /api or /v1: http://127.0.0.1:11434",
    });
  }
  if (typeof status === "number")
    return errorFromStatus("ollama", status, `Ollama at ${host}: ${text}`, {
      cause: error,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      hint: /memory/i.test(text)
        ? `The machine lacks the memory for ${model}: take a smaller model, or close other programs.`
        : "The log of `ollama serve` says more.",
    });
  const failure = networkError("ollama", host, "OLLAMA_HOST", error, {
    name: "Ollama",
    start: "Start it with `ollama serve`",
  });
  if (failure !== undefined) return failure;
  return new ServiceFaultError("ollama", `Ollama at ${host} gave an answer that cannot be read: ${text}`, {
    cause: error,
    hint: "Check that OLLAMA_HOST is an Ollama server and that it is up to date.",
  });
}

/** The version and models of an Ollama server. @throws {ServiceError} if it does not answer */
export async function describeOllama(
  connection: OllamaConnection,
  signal?: AbortSignal | undefined,
): Promise<{ version: string; models: string[] }> {
  const idleTimeout = new IdleTimeout(connection.timeoutMs);
  try {
    const client = ollamaClient(connection, idleTimeout.signal(signal));
    const [{ version }, { models }] = await Promise.all([client.version(), client.list()]);
    const names = models.map(({ name }) => name);
    if ([version, ...names].some((word) => typeof word !== "string")) {
      throw new Error("it reports no version, or models without names");
    }
    return { version, models: names };
  } catch (error) {
    throw ollamaError(error, connection, "", { timedOut: idleTimeout.timedOut, cancelled: false });
  } finally {
    idleTimeout.end();
  }
}

/** Whether an Ollama server has a model; `llama3.2` means `llama3.2:latest`. */
export function hasModel(models: readonly string[], model: string): boolean {
  return models.some((name) => isSameModel(name, model));
}
