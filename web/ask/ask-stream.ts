import { EventSourceParserStream } from "eventsource-parser/stream";
import type { AskEvents, AskRequest } from "../service/contract.ts";
import { cutOff, ProblemError } from "../service/problem-error.ts";
import { request } from "../service/request.ts";

/** One event of a streamed answer: its name and its data. */
export type AskEvent = { [Name in keyof AskEvents]: { name: Name; data: AskEvents[Name] } }[keyof AskEvents];

/**
 * Asks a question and yields what arrives. The last event is `answer`.
 *
 * @throws {ProblemError} if the service fails or the stream ends too early
 * @throws {DOMException} `AbortError` when the signal fires
 */
export async function* askStream(body: AskRequest, signal: AbortSignal): AsyncGenerator<AskEvent> {
  const response = await request("./api/ask", { method: "POST", body, accept: "text/event-stream", signal });
  if (response.body === null) throw new ProblemError(cutOff);
  const reader = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const { value, done } = await read(reader, signal);
      if (done) throw new ProblemError(cutOff);
      const event = { name: value.event, data: JSON.parse(value.data) } as AskEvent;
      if (event.name === "error") throw new ProblemError(event.data);
      yield event;
      if (event.name === "answer") return;
    }
  } finally {
    // The stream may have failed already; then there is nothing left to cancel.
    await reader.cancel().catch(() => undefined);
  }
}

async function read<Value>(reader: ReadableStreamDefaultReader<Value>, signal: AbortSignal) {
  try {
    return await reader.read();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ProblemError(cutOff);
  }
}
