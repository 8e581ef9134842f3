import { setTimeout as delay } from "node:timers/promises";
import PQueue from "p-queue";
import { RateLimitError } from "../foundation/errors.ts";
import type { CallSignal } from "./call-signal.ts";
import type { TransportListener } from "./events.ts";
import { Rate, type RateLimit } from "./rate.ts";

export interface LimiterOptions {
  /** Requests under way at a time. */
  readonly concurrency: number;
  /** Default: none. */
  readonly rateLimit?: RateLimit | undefined;
}

type Access = "read" | "write";

/** What to do if a service asks to send less. */
export const rateLimitHint =
  "Send less at a time: set RATE_LIMIT below the limit of the plan, lower REQUEST_CONCURRENCY, or choose a larger plan.";

/** Maximum pause after a 429, however long the service asks for. Then one request tries again. */
const maximumPauseMs = 60_000;

/**
 * Schedules requests: a concurrency slot, then a pause requested by a 429, then our rate limit. Slots are outermost, so
 * that a permit is taken right before its request and the service never sees more requests per interval than the rate
 * allows. The service limits reads and writes separately, so they pause separately.
 */
export class Limiter {
  readonly #places: PQueue;
  readonly #rate: Rate | undefined;
  readonly #pausedUntil: Record<Access, number> = { read: 0, write: 0 };
  readonly #onEvent: TransportListener;

  constructor({ concurrency, rateLimit }: LimiterOptions, onEvent: TransportListener) {
    this.#places = new PQueue({ concurrency });
    this.#rate = rateLimit && new Rate(rateLimit);
    this.#onEvent = onEvent;
  }

  /**
   * @param enter called when a slot is free, before any other wait; its error ends the call
   * @throws {RateLimitError} if the service's pause outlasts the call's deadline
   */
  async run<T>(
    { access, endpoint, call }: { access: Access; endpoint: string; call: CallSignal },
    enter: () => void,
    send: () => Promise<T>,
  ): Promise<T> {
    const { signal } = call;
    const queued = this.#stopwatch("queue-wait", endpoint);
    const work = this.#places.add(
      async () => {
        queued.stop();
        enter();
        await this.#sitOut(access, endpoint, call);
        await this.#takePermit(endpoint, signal);
        return await send();
      },
      { signal },
    );
    queued.start();
    return await work;
  }

  /** Holds all requests of that kind for the pause that a 429 requested. */
  pause(access: Access, milliseconds: number): void {
    const durationMs = Math.min(milliseconds, maximumPauseMs);
    const until = performance.now() + durationMs;
    if (until <= this.#pausedUntil[access]) return;
    this.#pausedUntil[access] = until;
    this.#onEvent({ type: "pause-start", access, durationMs });
  }

  async #sitOut(access: Access, endpoint: string, call: CallSignal): Promise<void> {
    const pause = this.#stopwatch("rate-limit-wait", endpoint);
    for (;;) {
      const waitMs = Math.ceil(this.#pausedUntil[access] - performance.now());
      if (waitMs <= 0) return pause.stop();
      pause.start();
      if (waitMs >= call.remainingMs) {
        throw new RateLimitError(
          "upstash",
          `Upstash Vector takes no /${endpoint} for another ${waitMs} ms.`,
          {
            endpoint,
            retryAfterMs: waitMs,
            hint: rateLimitHint,
          },
        );
      }
      await delay(waitMs, undefined, { signal: call.signal });
    }
  }

  async #takePermit(endpoint: string, signal: AbortSignal): Promise<void> {
    const waiting = this.#stopwatch("rate-limit-wait", endpoint);
    await this.#rate?.take(signal, waiting.start);
    waiting.stop();
  }

  /** A queue starts work synchronously if a slot is free, so work that ends before it starts did not wait. */
  #stopwatch(type: "queue-wait" | "rate-limit-wait", endpoint: string): { start(): void; stop(): void } {
    let since: number | undefined;
    return {
      start: () => {
        since ??= performance.now();
      },
      stop: () => {
        if (since !== undefined) this.#onEvent({ type, endpoint, waitMs: performance.now() - since });
      },
    };
  }
}
