import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  CancelledError,
  CircuitOpenError,
  ConnectionError,
  ForbiddenError,
  RateLimitError,
  ServiceFaultError,
  TimeoutError,
} from "../../src/foundation/errors.ts";
import { Breaker } from "../../src/transport/breaker.ts";
import type { TransportEvent } from "../../src/transport/events.ts";
import { startServer } from "../helpers/http-server.ts";
import { failureOf } from "./failure-of.ts";
import { observedRequester } from "./requester.ts";

const options = { failures: 3, windowMs: 300, spanMs: 120, firstProbeMs: 100, lastProbeMs: 400 };

/** Whether an outcome counts as a failure, shows life, or shows nothing. */
const outcomes = {
  success: { counts: "life", error: undefined },
  "no connection": { counts: "failure", error: new ConnectionError("upstash", "reset") },
  "no answer": { counts: "failure", error: new TimeoutError("upstash", "late") },
  "5xx": { counts: "failure", error: new ServiceFaultError("upstash", "500", { status: 500 }) },
  "408": { counts: "life", error: new TimeoutError("upstash", "408", { status: 408 }) },
  "403": { counts: "life", error: new ForbiddenError("upstash", "403", { status: 403 }) },
  "429": { counts: "life", error: new RateLimitError("upstash", "429", { status: 429 }) },
  cancelled: { counts: "nothing", error: new CancelledError() },
} as const;

type OutcomeName = keyof typeof outcomes;

describe("Breaker (REL-2)", () => {
  let now = 0;
  beforeEach(() => {
    now = 0;
  });

  /** The rule in a few lines: a row of failures that lasts opens it; a probe after the time closes or doubles it. */
  class Model {
    row = 0;
    rowBegan = 0;
    known: number[] = [];
    openUntil = 0;
    pauseMs = 0;
    get isOpen(): boolean {
      return this.pauseMs > 0;
    }
    refuses(now: number): boolean {
      return this.isOpen && now < this.openUntil;
    }
    outcome(counts: "life" | "failure" | "nothing", now: number): void {
      if (counts === "failure" && this.row === 0) this.rowBegan = now;
      if (counts !== "nothing") this.known.push(now);
      if (this.isOpen) {
        if (counts === "life") Object.assign(this, { row: 0, pauseMs: 0 });
        else
          this.open(
            counts === "nothing" ? this.pauseMs : Math.min(this.pauseMs * 2, options.lastProbeMs),
            now,
          );
      } else if (counts === "life") this.row = 0;
      else if (counts === "failure" && ++this.row >= this.wanted(now) && this.hasLasted(now))
        this.open(options.firstProbeMs, now);
    }
    wanted(now: number): number {
      const recent = this.known.slice(-4 * options.failures).filter((at) => at > now - options.windowMs);
      return Math.max(options.failures, recent.length / 2);
    }
    hasLasted(now: number): boolean {
      return now - this.rowBegan >= options.spanMs;
    }
    open(pauseMs: number, now: number): void {
      Object.assign(this, { pauseMs, openUntil: now + pauseMs });
    }
  }

  it("behaves like a simple model for any order of events", async () => {
    const step = fc.oneof(
      fc.record({ send: fc.constantFrom(...(Object.keys(outcomes) as OutcomeName[])) }),
      fc.record({ send: fc.constantFrom("5xx" as OutcomeName, "no answer" as OutcomeName) }),
      fc.record({ passMs: fc.constantFrom(1, 99, 100, 150, 400) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const events: TransportEvent[] = [];
        const breaker = new Breaker(
          options,
          (event) => events.push(event),
          () => now,
        );
        const model = new Model();
        for (const each of steps) {
          if ("passMs" in each) {
            now += each.passMs;
            continue;
          }
          const { counts, error } = outcomes[each.send];
          const isRefused = model.refuses(now);
          let isSent = false;
          const result = await breaker
            .execute("info", async () => {
              isSent = true;
              if (error) throw error;
              return "answer";
            })
            .catch((thrown) => thrown);
          expect(isSent).toBe(!isRefused);
          if (isRefused) {
            expect(result).toBeInstanceOf(CircuitOpenError);
            expect(result.retryAfterMs).toBe(model.openUntil - now);
            expect(() => breaker.refuseIfOpen("info")).toThrow(CircuitOpenError);
          } else {
            expect(result).toBe(error ?? "answer");
            model.outcome(counts, now);
          }
        }
        const lastOfBreaker = events.filter(({ type }) => type !== "breaker-half-open").at(-1)?.type;
        expect(lastOfBreaker === "breaker-open").toBe(model.isOpen);
      }),
      { numRuns: 300 },
    );
  });

  const fail = (breaker: Breaker, takesMs = 0) =>
    failureOf(
      breaker.execute("info", () => {
        now += takesMs;
        return Promise.reject(outcomes["5xx"].error);
      }),
    );

  it("does not open for failures in a row that soon end", async () => {
    const breaker = new Breaker(
      { ...options, spanMs: 1_000 },
      () => {},
      () => now,
    );
    await breaker.execute("info", async () => "life");
    // A pause proves nothing, because no attempt was in flight.
    now += 5_000;
    for (let count = 0; count < 50; count++) {
      expect(await fail(breaker)).toBe(outcomes["5xx"].error);
      now += 19;
    }
    now += 50;
    expect(await fail(breaker)).toBe(outcomes["5xx"].error);
    expect(await fail(breaker)).toBeInstanceOf(CircuitOpenError);
  });

  it("counts the time of the attempts themselves, but none before the last success", async () => {
    const hanging = new Breaker(
      { ...options, spanMs: 1_000 },
      () => {},
      () => now,
    );
    for (let count = 0; count < 3; count++) expect(await fail(hanging, 400)).toBe(outcomes["5xx"].error);
    expect(await fail(hanging)).toBeInstanceOf(CircuitOpenError);

    const busy = new Breaker(
      { ...options, spanMs: 1_000 },
      () => {},
      () => now,
    );
    let giveUp = () => {};
    const hangs = () =>
      new Promise((_, reject) => {
        giveUp = () => reject(outcomes["no answer"].error);
      });
    const long = failureOf(busy.execute("info", hangs));
    now += 10_000;
    await busy.execute("info", async () => "life");
    giveUp();
    await long;
    for (let count = 0; count < 5; count++) expect(await fail(busy)).toBe(outcomes["5xx"].error);
  });

  it("requires a longer row at high traffic, counting recent calls", async () => {
    for (const [successes, pauseMs, wanted] of [
      [0, 0, 3],
      [4, 0, 4],
      [50, 0, 6],
      [50, options.windowMs, 3],
    ] as const) {
      const breaker = new Breaker(
        { ...options, spanMs: 0 },
        () => {},
        () => now,
      );
      for (let count = 0; count < successes; count++) await breaker.execute("info", async () => "life");
      now += pauseMs;
      for (let count = 0; count < wanted; count++) expect(await fail(breaker)).toBe(outcomes["5xx"].error);
      expect(await fail(breaker)).toBeInstanceOf(CircuitOpenError);
    }
  });

  it("sends one probe, and lets the others wait for its outcome", async () => {
    const breaker = new Breaker(
      { ...options, failures: 1, spanMs: 0 },
      () => {},
      () => now,
    );
    await failureOf(breaker.execute("info", () => Promise.reject(outcomes["5xx"].error)));
    now += 100;
    let answer = (_: string) => {};
    const order: string[] = [];
    const probe = breaker.execute("info", () => {
      order.push("probe");
      return new Promise<string>((resolve) => {
        answer = resolve;
      });
    });
    const other = breaker.execute("info", async () => order.push("other"));
    // All that can go on without the result of the probe has done so when an immediate runs.
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual(["probe"]);
    answer("well");
    await Promise.all([probe, other]);
    expect(order).toEqual(["probe", "other"]);
  });
});

describe("a clock that is set back while the breaker is open (REL-2)", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("does not change how long no request is made", async () => {
    const { url } = await startServer((_, response) => response.writeHead(503).end("{}"));
    const { requester } = observedRequester(url, {
      retry: { retries: 0 },
      breaker: { failures: 1, spanMs: 0, firstProbeMs: 60_000 },
    });
    await failureOf(requester.request({ path: ["info"] }));
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() - 3_600_000);
    const error = await failureOf(requester.request({ path: ["info"] }));
    expect(error).toMatchObject({ code: "circuit-open" });
    expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
  });
});

describe("the breaker of a requester (REL-2)", () => {
  it("opens, fails fast without a request, looks again, and closes", async () => {
    let isDown = true;
    const { url, received } = await startServer((_, response) => {
      response.writeHead(isDown ? 503 : 200).end(isDown ? '{"error":"Unavailable"}' : '{"result":1}');
    });
    const { requester, events } = observedRequester(url, {
      retry: { retries: 0 },
      breaker: { failures: 3, spanMs: 0, firstProbeMs: 1_000 },
    });
    const info = () => requester.request({ path: ["info"] });
    for (let count = 0; count < 3; count++) await failureOf(info());
    const error = await failureOf(info());
    expect(error).toMatchObject({ code: "circuit-open", isRetryable: true, endpoint: "info" });
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(error.message).toMatch(/Last failure: Unavailable/);
    expect(received.length).toBe(3);
    isDown = false;
    await expect.poll(() => info().catch(() => "still open")).toEqual({ result: 1 });
    expect(events.map(({ type }) => type).filter((type) => type.startsWith("breaker"))).toEqual([
      "breaker-open",
      "breaker-half-open",
      "breaker-close",
    ]);
  });

  it("fails a new call at once: without retries, and without waiting for the limits", async () => {
    const { url, received } = await startServer((_, response) => response.writeHead(503).end("{}"));
    const { requester, of } = observedRequester(url, {
      retry: { retries: 1 },
      breaker: { failures: 2, spanMs: 0, firstProbeMs: 3_000 },
      rateLimit: { count: 2, intervalMs: 3_600_000 },
      deadlineMs: 10_000,
    });
    expect(await failureOf(requester.request({ path: ["info"] }))).toMatchObject({ code: "service" });
    expect(await failureOf(requester.request({ path: ["info"] }))).toMatchObject({ code: "circuit-open" });
    expect([received.length, of("retry-scheduled").length]).toEqual([2, 1]);
  });

  it("does not open for refusals, nor for a 429", async () => {
    const statuses = [400, 401, 403, 404, 422, 429];
    let count = 0;
    const { url, received } = await startServer((_, response) =>
      response.writeHead(statuses[count++ % statuses.length] ?? 400).end("{}"),
    );
    const { requester, of } = observedRequester(url, {
      retry: { retries: 0 },
      breaker: { failures: 1, spanMs: 0 },
    });
    for (const _ of statuses) await failureOf(requester.request({ path: ["info"] }));
    expect([received.length, of("breaker-open")]).toEqual([statuses.length, []]);
  });

  it("carries a call that helped to open it over to the probe", async () => {
    let count = 0;
    const { url } = await startServer((_, response) => {
      response.writeHead(++count <= 2 ? 500 : 200).end('{"result":1}');
    });
    const { requester } = observedRequester(url, {
      retry: { retries: 4 },
      breaker: { failures: 2, spanMs: 0, firstProbeMs: 30 },
    });
    expect(await requester.request({ path: ["info"] })).toEqual({ result: 1 });
    expect(count).toBe(3);
  });
});
