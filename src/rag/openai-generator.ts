import { ServiceFaultError } from "../foundation/errors.ts";
import { type OpenAiConnection, requestEvents } from "../openai/client.ts";
import type { GenerationRequest, Generator } from "./generator.ts";
import { buildPrompt } from "./prompt.ts";

/** A piece of a streamed chat answer, as far as it is read here. */
interface ChatChunk {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: unknown } | null;
    readonly finish_reason?: unknown;
  }[];
}

/** Answers with a chat model behind OpenAI's API (`POST /chat/completions`), streamed. */
export class OpenAiGenerator implements Generator {
  readonly name: string;
  readonly #connection: OpenAiConnection;
  readonly #model: string;

  constructor(options: { connection: OpenAiConnection; model: string }) {
    this.name = `openai ${options.model}`;
    this.#connection = options.connection;
    this.#model = options.model;
  }

  async *generate(request: GenerationRequest): AsyncGenerator<string> {
    const body = { model: this.#model, messages: buildPrompt(request), stream: true, temperature: 0 };
    const { signal } = request;
    let isEmpty = true;
    for await (const event of requestEvents(this.#connection, { path: "chat/completions", body, signal })) {
      const choice = (event as ChatChunk | null)?.choices?.[0];
      const content = choice?.delta?.content;
      if (typeof content !== "string" || content === "") continue;
      isEmpty = false;
      yield content;
    }
    if (isEmpty) {
      throw new ServiceFaultError("openai", `${this.#connection.baseUrl} gave an empty answer.`, {
        hint: "Ask again; the log of the model server says more.",
      });
    }
  }
}
