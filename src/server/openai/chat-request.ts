import { exchangesKept } from "../../rag/conversation.ts";
import type { Exchange } from "../../rag/generator.ts";
import { remembered } from "../../rag/understanding/personal.ts";
import type { ChatMessage, ChatRequest } from "../schemas/chat.ts";
import { ValidationError } from "../validation-error.ts";
import { withoutFooter } from "./footer.ts";

/** Characters of a question; `/api/ask` takes as many. */
const longestQuestion = 2_000;

/** A request of OpenAI's API as the engine takes it. */
export interface ChatQuestion {
  readonly question: string;
  /** The exchanges before it, oldest first. */
  readonly history: readonly Exchange[];
  readonly stops: readonly string[];
  /** `undefined`: the answer ends where it ends. */
  readonly maximumTokens: number | undefined;
}

/**
 * Reads the question and what was said before from the messages.
 *
 * - The question is the last message, which has to be the user's.
 * - Each user message with the assistant's reply is an exchange; successive messages of one role count as one.
 * - System and developer messages are not followed: answers come from the records, by rules that no client changes.
 * - Tools are never called, as if the model decided against it; a request that demands a call is refused.
 *
 * @throws {ValidationError} if the request asks for something that ragfood does not do
 */
export function readChatRequest(request: ChatRequest): ChatQuestion {
  refuseUnsupported(request);
  const turns = turnsOf(request.messages);
  const last = turns.at(-1);
  if (last === undefined || last.role !== "user" || request.messages.at(-1)?.role !== "user") {
    throw invalid("messages", "the last message has to be the user's question");
  }
  const question = last.text.trim();
  if (question === "") throw invalid("messages", "the question is empty");
  if (question.length > longestQuestion) {
    throw invalid(
      "messages",
      `the question has more than ${longestQuestion.toLocaleString("en")} characters`,
    );
  }
  const { stop, max_tokens: tokens, max_completion_tokens: completionTokens } = request;
  return {
    question,
    history: exchangesOf(turns.slice(0, -1)),
    stops: typeof stop === "string" ? [stop] : (stop ?? []),
    maximumTokens: completionTokens ?? tokens ?? undefined,
  };
}

interface Turn {
  readonly role: "user" | "assistant";
  readonly text: string;
}

function turnsOf(messages: readonly ChatMessage[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const { role } = message;
    if (role !== "user" && role !== "assistant") continue;
    const text = textOf(message);
    const before = turns.at(-1);
    if (before?.role === role) turns[turns.length - 1] = { role, text: `${before.text}\n\n${text}` };
    else turns.push({ role, text });
  }
  return turns;
}

function textOf({ content }: ChatMessage): string {
  if (typeof content === "string") return content;
  return (content ?? [])
    .map(({ type, text }) => {
      if (type !== "text" && type !== "refusal") throw invalid("messages", `ragfood reads text, not ${type}`);
      return text ?? "";
    })
    .join("\n");
}

/** The last exchanges; a greeting of the assistant before the first question does not count. */
function exchangesOf(turns: readonly Turn[]): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const [place, { role, text }] of turns.entries()) {
    const reply = turns[place + 1];
    if (role !== "user" || reply === undefined || text.trim() === "") continue;
    exchanges.push({ question: text.slice(0, longestQuestion), answer: withoutFooter(reply.text) });
  }
  return remembered(exchanges, exchangesKept);
}

function refuseUnsupported(request: ChatRequest): void {
  const { response_format: format, logprobs, tool_choice: choice, function_call: call } = request;
  if (format && format.type !== "text") {
    throw invalid("response_format", `answers are text, not ${format.type}; /api/ask answers with JSON`);
  }
  if (logprobs) throw invalid("logprobs", "answers have no log probabilities");
  if (demandsCall(choice)) throw invalid("tool_choice", "ragfood calls no tools; use auto or none");
  if (demandsCall(call)) throw invalid("function_call", "ragfood calls no functions; use auto or none");
}

function demandsCall(choice: unknown): boolean {
  return choice !== undefined && choice !== null && choice !== "auto" && choice !== "none";
}

function invalid(field: string, message: string): ValidationError {
  return new ValidationError([{ path: `body.${field}`, message }]);
}
