import { EventSourceParserStream } from "eventsource-parser/stream";
import { cutOff, ProblemError } from "./problem-error.ts";
import { request } from "./request.ts";

type RequestOptions = NonNullable<Parameters<typeof request>[1]>;

interface ServerSentEvent {
  readonly event: string;
  /** Parsed JSON. */
  readonly data: unknown;
}

/**
 * The server-sent events of a request. `EventSource` cannot send a body or a key; this can.
 *
 * @throws {ProblemError} if the service fails, or the stream ends
 * @throws {DOMException} `AbortError` when the signal fires
 */
export async function* eventStream(
  path: string,
  options: RequestOptions & { readonly signal: AbortSignal },
): AsyncGenerator<ServerSentEvent> {
  const { signal } = options;
  const { body } = await request(path, { ...options, accept: "text/event-stream" });
  if (body === null) throw new ProblemError(cutOff);
  const reader = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) throw new ProblemError(cutOff);
      yield { event: value.event ?? "message", data: JSON.parse(value.data) };
    }
  } catch (error) {
    if (signal.aborted || error instanceof ProblemError) throw error;
    throw new ProblemError(cutOff);
  } finally {
    // The stream may have failed already; then there is nothing left to cancel.
    await reader.cancel().catch(() => undefined);
  }
}
