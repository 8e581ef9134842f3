import type { AskEvents, AskRequest } from "../service/contract.ts";
import { eventStream } from "../service/event-stream.ts";
import { ProblemError } from "../service/problem-error.ts";

/** One event of a streamed answer: its name and its data. */
export type AskEvent = { [Name in keyof AskEvents]: { name: Name; data: AskEvents[Name] } }[keyof AskEvents];

/**
 * Asks a question and yields what arrives. The last event is `answer`.
 *
 * @throws {ProblemError} if the service fails or the stream ends too early
 * @throws {DOMException} `AbortError` when the signal fires
 */
export async function* askStream(body: AskRequest, signal: AbortSignal): AsyncGenerator<AskEvent> {
  for await (const { event, data } of eventStream("./api/ask", { method: "POST", body, signal })) {
    const next = { name: event, data } as AskEvent;
    if (next.name === "error") throw new ProblemError(next.data);
    yield next;
    if (next.name === "answer") return;
  }
}
