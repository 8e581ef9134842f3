import { randomUUID } from "node:crypto";
import { estimateTokens } from "../../rag/model/window.ts";
import type { AskEvent } from "../ask-events.ts";
import type { ServerEvent } from "../event-stream.ts";
import type { AnswerResponse } from "../schemas/ask.ts";
import type { ChatChunk, ChatCompletion, ChatRequest, FinishReason, TokenUsage } from "../schemas/chat.ts";
import type { ChatQuestion } from "./chat-request.ts";
import { footerOf } from "./footer.ts";
import { InertMarkdown } from "./inert-markdown.ts";
import { TextLimit } from "./text-limit.ts";

/** The last event of a stream in OpenAI's API. */
const done: ServerEvent = { data: "[DONE]" };

/** What a request asks of the form of its answer. */
type ChatForm = Pick<ChatRequest, "model" | "messages" | "stream_options" | "ragfood"> &
  Pick<ChatQuestion, "stops" | "maximumTokens">;

/** The whole answer as OpenAI's API gives it. */
export function toCompletion(answer: AnswerResponse, form: ChatForm): ChatCompletion {
  const text = new ChatText(form);
  const content = text.add(answer.text) + text.add(footerFor(answer, form)) + text.rest();
  return {
    id: completionId(),
    object: "chat.completion",
    created: now(),
    model: form.model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content, refusal: null },
        logprobs: null,
        finish_reason: text.end ?? "stop",
      },
    ],
    usage: usageOf(form, content, answer),
    ragfood: answer,
  };
}

/**
 * The events of an answer as the chunks of OpenAI's API, up to `[DONE]`. A text that a failed model has begun cannot
 * be taken back: the failure and the next generator's text follow it.
 */
export async function* toChunks(
  events: AsyncIterable<AskEvent>,
  form: ChatForm,
): AsyncGenerator<ServerEvent> {
  const id = completionId();
  const created = now();
  const isCounted = form.stream_options?.include_usage === true;
  const chunk = (part: Pick<ChatChunk, "choices" | "ragfood">, usage?: TokenUsage): ServerEvent => {
    const base = { id, object: "chat.completion.chunk", created, model: form.model } as const;
    return { data: { ...base, ...part, ...(isCounted && { usage: usage ?? null }) } satisfies ChatChunk };
  };
  const delta = (content: string): ServerEvent => ({
    ...chunk({ choices: [choice({ content })] }),
    isText: true,
  });
  const text = new ChatText(form);
  let content = "";
  let answer: AnswerResponse | undefined;
  let hasBegun = false;
  for await (const piece of piecesOf(events, form, (whole) => {
    answer = whole;
  })) {
    if (!hasBegun) yield chunk({ choices: [choice({ role: "assistant", content: "" })] });
    hasBegun = true;
    const shown = text.add(piece);
    content += shown;
    if (shown !== "") yield delta(shown);
    if (text.end !== undefined) break;
  }
  const rest = text.rest();
  content += rest;
  if (rest !== "") yield delta(rest);
  yield chunk({ choices: [choice({}, text.end ?? "stop")], ...(answer && { ragfood: answer }) });
  if (isCounted) yield chunk({ choices: [] }, usageOf(form, content, answer));
  yield done;
}

/** An empty piece when sources are found, the pieces of the text, and the footer as the last one. */
async function* piecesOf(
  events: AsyncIterable<AskEvent>,
  form: ChatForm,
  onAnswer: (answer: AnswerResponse) => void,
): AsyncGenerator<string> {
  let hasText = false;
  for await (const { event, data } of events) {
    if (event === "sources") {
      yield "";
    } else if (event === "text") {
      hasText ||= data.text !== "";
      yield data.text;
    } else if (event === "notice" && data.kind === "restart" && hasText) {
      yield `\n\n(${data.text} Another answer follows.)\n\n`;
    } else if (event === "answer") {
      onAnswer(data);
      yield footerFor(data, form);
    }
  }
}

/** The text of an answer on its way: inert, and ended where the request says. */
class ChatText {
  readonly #markdown = new InertMarkdown();
  readonly #limit: TextLimit;

  constructor({ stops, maximumTokens }: ChatForm) {
    this.#limit = new TextLimit(stops, maximumTokens);
  }

  get end(): FinishReason | undefined {
    return this.#limit.end;
  }

  add(piece: string): string {
    return this.#limit.add(this.#markdown.add(piece));
  }

  rest(): string {
    return this.#limit.add(this.#markdown.rest()) + this.#limit.rest();
  }
}

function choice(
  delta: ChatChunk["choices"][number]["delta"],
  reason: FinishReason | null = null,
): ChatChunk["choices"][number] {
  return { index: 0, delta, logprobs: null, finish_reason: reason };
}

function footerFor(answer: AnswerResponse, { ragfood }: ChatForm): string {
  return ragfood?.footer === false ? "" : footerOf(answer);
}

/** As the model's server counts, sources included; for an answer without a model, an estimate of what was exchanged. */
function usageOf({ messages }: ChatForm, content: string, answer: AnswerResponse | undefined): TokenUsage {
  const { prompt, completion } = answer?.tokens ?? {
    prompt: messages.reduce((sum, message) => sum + estimateTokens(textIn(message.content)), 0),
    completion: estimateTokens(content),
  };
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

function textIn(content: ChatRequest["messages"][number]["content"]): string {
  return typeof content === "string" ? content : (content ?? []).map(({ text = "" }) => text).join("");
}

function completionId(): string {
  return `chatcmpl-${randomUUID().replaceAll("-", "")}`;
}

/** Unix seconds, as the API has them. */
function now(): number {
  return Math.floor(Date.now() / 1_000);
}
