import { AsyncResource } from "node:async_hooks";
import { stringifyJson } from "../foundation/exact-json/index.ts";
import { orLate } from "../foundation/or-late.ts";
import type { ServerContext } from "./environment.ts";
import { describeProblem } from "./problem.ts";

/** One server-sent event. */
export interface ServerEvent {
  /** Default: none, as OpenAI's clients expect. */
  readonly event?: string;
  /** Sent as JSON; a text is sent as it is. */
  readonly data: unknown;
  /** Whether it carries text of an answer, as the event `text` does: the first one ends the latency of the request. */
  readonly isText?: boolean;
}

/** Milliseconds of silence after which a comment keeps the connection open through proxies. */
const keepAliveMs = 15_000;

/**
 * Answers with server-sent events. Events are made as fast as the client reads them. If the client leaves, the
 * generator is ended; if it throws, the last event is `error` with problem details.
 */
export function streamEvents(
  context: ServerContext,
  events: AsyncGenerator<ServerEvent>,
  onEnd: (error?: unknown) => void = () => {},
): Response {
  const slot = context.get("slot");
  const progress = context.get("progress");
  if (slot) slot.isStreaming = true;
  const encoder = new TextEncoder();
  // The stream is read by the socket, outside of the request's context: its log lines and spans belong to the request.
  const inRequest = AsyncResource.bind((work: () => Promise<IteratorResult<ServerEvent>>) => work());
  let pending: Promise<IteratorResult<ServerEvent>> | undefined;
  let hasEnded = false;
  const end = (error?: unknown) => {
    if (hasEnded) return;
    hasEnded = true;
    slot?.release();
    onEnd(error);
  };
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        pending ??= inRequest(() => events.next());
        const next = await orLate(pending, keepAliveMs, undefined);
        if (next === undefined) {
          controller.enqueue(encoder.encode(": keep-alive\n\n"));
          return;
        }
        pending = undefined;
        if (!next.done) {
          if (next.value.isText || next.value.event === "text") progress.firstTextAt ??= performance.now();
          controller.enqueue(encoder.encode(formatEvent(next.value)));
          return;
        }
        end();
      } catch (error) {
        const { problem } = describeProblem(error, context.get("requestId"));
        controller.enqueue(encoder.encode(formatEvent({ event: "error", data: problem })));
        progress.code = problem.code;
        progress.streamError = error;
        end(error);
      }
      controller.close();
    },
    async cancel() {
      progress.hasLeft = true;
      end();
      // A generator that is waiting ends when its signal fires.
      await events.return(undefined).catch(() => {});
    },
  });
  context.header("Content-Type", "text/event-stream; charset=utf-8");
  context.header("Cache-Control", "no-store");
  // Proxies such as nginx must not collect events.
  context.header("X-Accel-Buffering", "no");
  return context.body(body);
}

/** JSON holds no line end, so an event is one line of data. */
function formatEvent({ event, data }: ServerEvent): string {
  const text = typeof data === "string" ? data : stringifyJson(data);
  const lines = text.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `${event === undefined ? "" : `event: ${event}\n`}${lines.join("")}\n`;
}
