import { ServiceFaultError } from "../foundation/errors.ts";
import { Patience } from "../foundation/patience.ts";
import { type OllamaConnection, ollamaClient, ollamaError } from "../ollama/client.ts";
import type { GenerationRequest, Generator } from "./generator.ts";
import { buildPrompt, type PromptMessage } from "./prompt.ts";

/** Answers with a chat model that Ollama runs, streamed. */
export class OllamaGenerator implements Generator {
  readonly name: string;
  readonly #connection: OllamaConnection;
  readonly #model: string;

  constructor(options: { connection: OllamaConnection; model: string }) {
    this.name = `ollama ${options.model}`;
    this.#connection = options.connection;
    this.#model = options.model;
  }

  async *generate(request: GenerationRequest): AsyncGenerator<string> {
    const patience = new Patience(this.#connection.timeoutMs);
    const signal = patience.signal(request.signal);
    try {
      yield* this.#chat(buildPrompt(request), patience, signal);
    } catch (error) {
      throw ollamaError(error, this.#connection, this.#model, {
        timedOut: patience.timedOut,
        cancelled: request.signal?.aborted ?? false,
      });
    } finally {
      patience.end();
    }
  }

  async *#chat(messages: PromptMessage[], patience: Patience, signal: AbortSignal): AsyncGenerator<string> {
    const client = ollamaClient(this.#connection, signal);
    const parts = await client.chat({
      model: this.#model,
      messages,
      stream: true,
      options: { temperature: 0 },
    });
    let isEmpty = true;
    for await (const part of parts) {
      patience.renew();
      const content: unknown = part.message?.content;
      if (typeof content !== "string") throw this.#fault("gave an answer that is not a chat message");
      if (content !== "") {
        isEmpty = false;
        patience.pause();
        yield content;
        patience.renew();
      }
    }
    if (isEmpty) throw this.#fault("gave an empty answer");
  }

  #fault(problem: string): ServiceFaultError {
    return new ServiceFaultError("ollama", `Ollama at ${this.#connection.host} ${problem}.`, {
      hint: "Ask again; the log of `ollama serve` says more.",
    });
  }
}
