import { ServiceFaultError } from "../foundation/errors.ts";
import { type OpenAiConnection, requestEvents } from "../openai/client.ts";
import type { GenerationRequest, Generator } from "./generator.ts";
import { visiblePieces } from "./model/visible-text.ts";
import { answerTokens, cutOffNotice, fitPrompt } from "./model/window.ts";

/** The fields of a streamed chat answer that are read here. */
interface ChatChunk {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: unknown } | null;
    readonly finish_reason?: unknown;
  }[];
  /** Sent by some servers with the last chunk. Asking for it would make others refuse the request. */
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null;
}

/** Answers with a chat model behind OpenAI's API (`POST /chat/completions`), streamed. */
export class OpenAiGenerator implements Generator {
  readonly name: string;
  readonly isModel = true;
  readonly #connection: OpenAiConnection;
  readonly #model: string;

  constructor(options: { connection: OpenAiConnection; model: string }) {
    this.name = `openai ${options.model}`;
    this.#connection = options.connection;
    this.#model = options.model;
  }

  async *generate(request: GenerationRequest): AsyncGenerator<string> {
    const { messages, notice } = fitPrompt(request);
    if (notice !== undefined) request.onNotice?.(notice);
    const body = { model: this.#model, messages, stream: true, temperature: 0, max_tokens: answerTokens };
    const { signal } = request;
    const events = requestEvents(this.#connection, { path: "chat/completions", body, signal });
    let wasCut = false;
    async function* pieces(): AsyncGenerator<string> {
      for await (const event of events) {
        const { choices, usage } = (event ?? {}) as ChatChunk;
        const { prompt_tokens: prompt, completion_tokens: completion } = usage ?? {};
        if (typeof prompt === "number" && typeof completion === "number") {
          request.onTokens?.({ prompt, completion });
        }
        const choice = choices?.[0];
        wasCut ||= choice?.finish_reason === "length";
        const content = choice?.delta?.content;
        if (typeof content === "string") yield content;
      }
    }
    yield* visiblePieces(pieces(), () => {
      throw new ServiceFaultError("openai", `${this.#connection.baseUrl} gave an empty answer.`, {
        hint: "Ask again; the log of the model server says more.",
      });
    });
    if (wasCut) request.onNotice?.(cutOffNotice);
  }
}
