import type { TransportEvent } from "../../src/transport/events.ts";
import { HttpRequester, type HttpRequesterOptions } from "../../src/transport/http-requester.ts";

type Observed<T extends TransportEvent["type"]> = Extract<TransportEvent, { type: T }>;

/** A requester with tiny waits, and its events. */
export function observedRequester(url: string, options: Partial<HttpRequesterOptions> = {}) {
  const events: TransportEvent[] = [];
  const requester = new HttpRequester({
    url,
    token: "secret-token",
    timeoutMs: 10_000,
    onEvent: (event) => events.push(event),
    ...options,
    retry: { retries: 2, firstWaitMs: 1, ...options.retry },
  });
  return {
    requester,
    events,
    of: <T extends TransportEvent["type"]>(type: T) =>
      events.filter((event): event is Observed<T> => event.type === type),
  };
}
