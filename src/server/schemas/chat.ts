import { z } from "@hono/zod-openapi";
import { type AnswerResponse, answerSchema, type ScopeRequest, scopeShape } from "./ask.ts";

/** A part of a message; only text is read. */
interface ContentPart {
  readonly type: string;
  readonly text?: string | undefined;
}

export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool" | "function";
  readonly content?: string | ContentPart[] | null | undefined;
}

/** Limits of the search, which OpenAI's API lacks. */
interface ChatExtension extends ScopeRequest {
  /** Whether notices and sources follow the text of the answer. Default: true. */
  readonly footer?: boolean | undefined;
}

/** The body of `POST /v1/chat/completions`: what ragfood reads of OpenAI's request. Other fields have no effect. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: ChatMessage[];
  readonly stream?: boolean | null | undefined;
  readonly stream_options?: { readonly include_usage?: boolean | null | undefined } | null | undefined;
  readonly n?: number | null | undefined;
  readonly stop?: string | string[] | null | undefined;
  readonly max_tokens?: number | null | undefined;
  readonly max_completion_tokens?: number | null | undefined;
  readonly tool_choice?: unknown;
  readonly function_call?: unknown;
  readonly response_format?: { readonly type: string } | null | undefined;
  readonly logprobs?: boolean | null | undefined;
  readonly ragfood?: ChatExtension | undefined;
}

export interface TokenUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export type FinishReason = "stop" | "length";

/** The answer to a request without `stream`. */
export interface ChatCompletion {
  readonly id: string;
  readonly object: "chat.completion";
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
  readonly choices: {
    readonly index: number;
    readonly message: { readonly role: "assistant"; readonly content: string; readonly refusal: null };
    readonly logprobs: null;
    readonly finish_reason: FinishReason;
  }[];
  readonly usage: TokenUsage;
  /** The whole answer, as `/api/ask` gives it. */
  readonly ragfood?: AnswerResponse | undefined;
}

/** One event of a streamed answer. */
export interface ChatChunk {
  readonly id: string;
  readonly object: "chat.completion.chunk";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: { readonly role?: "assistant"; readonly content?: string };
    readonly logprobs: null;
    readonly finish_reason: FinishReason | null;
  }[];
  /** On the last chunk, if the request asks for it; `null` on the others. */
  readonly usage?: TokenUsage | null;
  /** On the chunk with the reason of the end. */
  readonly ragfood?: AnswerResponse;
}

/** Messages of a conversation; more than a program sends. */
const mostMessages = 1_000;

/** OpenAI's own limit. */
const mostStops = 4;
const longestStop = 500;

const contentPart: z.ZodType<ContentPart> = z.looseObject({
  type: z.string().openapi({ example: "text" }),
  text: z.string().optional(),
});

const message: z.ZodType<ChatMessage> = z
  .looseObject({
    role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
    content: z.union([z.string(), z.array(contentPart)]).nullish(),
  })
  .openapi("ChatMessage");

const positive = z.int().min(1).nullish();
const stopText = z.string().min(1).max(longestStop);

export const chatRequestSchema: z.ZodType<ChatRequest> = z
  .looseObject({
    model: z.string().max(200).openapi({ example: "ragfood" }),
    messages: z.array(message).min(1).max(mostMessages),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    n: z.literal(1, "only one answer can be given").nullish(),
    stop: z.union([stopText, z.array(stopText).max(mostStops)]).nullish(),
    max_tokens: positive,
    max_completion_tokens: positive,
    tool_choice: z.unknown().optional(),
    function_call: z.unknown().optional(),
    response_format: z.looseObject({ type: z.string() }).nullish(),
    logprobs: z.boolean().nullish(),
    ragfood: z
      .strictObject({ ...scopeShape, footer: z.boolean().optional() })
      .optional()
      .openapi({ description: "Limits of the search; send it with `extra_body` of OpenAI's clients" }),
  })
  .openapi("ChatCompletionRequest");

const usageSchema: z.ZodType<TokenUsage> = z
  .object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() })
  .openapi("TokenUsage", {
    description: "As the server of the model counts them; otherwise estimated, one for each 3 characters",
  });

export const chatCompletionSchema: z.ZodType<ChatCompletion> = z
  .object({
    id: z.string().openapi({ example: "chatcmpl-123" }),
    object: z.literal("chat.completion"),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.object({
        index: z.int(),
        message: z.object({ role: z.literal("assistant"), content: z.string(), refusal: z.null() }),
        logprobs: z.null(),
        finish_reason: z.enum(["stop", "length"]),
      }),
    ),
    usage: usageSchema,
    ragfood: answerSchema.optional(),
  })
  .openapi("ChatCompletion");
