import { ServiceFaultError } from "../foundation/errors.ts";
import { IdleTimeout } from "../foundation/idle-timeout.ts";
import { ollamaClient, ollamaError } from "../ollama/client.ts";
import type { OllamaConnection } from "../ollama/connection.ts";
import type { GenerationRequest, Generator } from "./generator.ts";
import { visiblePieces } from "./model/visible-text.ts";
import { answerTokens, cutOffNotice, fitPrompt } from "./model/window.ts";

/** Answers with a chat model that Ollama runs, streamed. */
export class OllamaGenerator implements Generator {
  readonly name: string;
  readonly isModel = true;
  readonly #connection: OllamaConnection;
  readonly #model: string;

  constructor(options: { connection: OllamaConnection; model: string }) {
    this.name = `ollama ${options.model}`;
    this.#connection = options.connection;
    this.#model = options.model;
  }

  async *generate(request: GenerationRequest): AsyncGenerator<string> {
    const idleTimeout = new IdleTimeout(this.#connection.timeoutMs);
    const signal = idleTimeout.signal(request.signal);
    try {
      yield* this.#chat(request, idleTimeout, signal);
    } catch (error) {
      throw ollamaError(error, this.#connection, this.#model, {
        timedOut: idleTimeout.timedOut,
        cancelled: request.signal?.aborted ?? false,
      });
    } finally {
      idleTimeout.end();
    }
  }

  async *#chat(
    request: GenerationRequest,
    idleTimeout: IdleTimeout,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const client = ollamaClient(this.#connection, signal);
    const { messages, window, notice } = fitPrompt(request);
    if (notice !== undefined) request.onNotice?.(notice);
    const parts = await client.chat({
      model: this.#model,
      messages: [...messages],
      stream: true,
      // Without num_ctx Ollama drops the beginning of a long prompt and says nothing.
      options: { temperature: 0, num_ctx: window, num_predict: answerTokens },
    });
    let wasCut = false;
    const fault = (problem: string) => this.#fault(problem);
    async function* pieces(): AsyncGenerator<string> {
      for await (const part of parts) {
        idleTimeout.renew();
        const content: unknown = part.message?.content;
        if (typeof content !== "string") throw fault("gave an answer that is not a chat message");
        wasCut ||= part.done_reason === "length";
        if (part.done && typeof part.eval_count === "number") {
          // Ollama leaves out the count of a prompt that was cached.
          request.onTokens?.({ prompt: part.prompt_eval_count ?? 0, completion: part.eval_count });
        }
        idleTimeout.pause();
        yield content;
        idleTimeout.renew();
      }
    }
    yield* visiblePieces(pieces(), () => {
      throw fault(wasCut ? "gave an answer that was cut off before it began" : "gave an empty answer");
    });
    if (wasCut) request.onNotice?.(cutOffNotice);
  }

  #fault(problem: string): ServiceFaultError {
    return new ServiceFaultError("ollama", `Ollama at ${this.#connection.host} ${problem}.`, {
      hint: "Ask again; the log of `ollama serve` says more.",
    });
  }
}
