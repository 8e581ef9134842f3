import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  ConnectionError,
  ForbiddenError,
  RateLimitError,
  ServiceFaultError,
  TimeoutError,
} from "../../src/foundation/errors.ts";
import type { TransportEvent } from "../../src/transport/events.ts";
import { type OperationPolicy, operations, policyOf } from "../../src/transport/operations.ts";
import { withRetries } from "../../src/transport/retry.ts";
import { deadAddress, startServer } from "../helpers/http-server.ts";
import { failureOf } from "./failure-of.ts";
import { observedRequester } from "./requester.ts";

const info = { path: ["info"] };
const write = { path: ["rename-namespace"], body: {} };

function unavailable(headers: Record<string, string> = {}) {
  return startServer((_, response) => response.writeHead(503, headers).end('{"error":"Unavailable"}'));
}

describe("retries (REL-2)", () => {
  it("draws each wait evenly from below a ceiling that doubles up to a limit: full jitter", async () => {
    const { url } = await unavailable();
    const draws = [0.5, 0.25, 0.75, 0.999];
    const { requester, of } = observedRequester(url, {
      retry: { retries: 4, firstWaitMs: 4, longestWaitMs: 10, random: () => draws.shift() ?? 1 },
    });
    await failureOf(requester.request(info));
    expect(of("retry-scheduled").map(({ waitMs }) => waitMs)).toEqual([2, 2, 7.5, 9.99]);
  });

  it("waits as long as the service asks, and a random while more", async () => {
    const { url } = await unavailable({ "retry-after-ms": "20" });
    const { requester, of } = observedRequester(url, {
      retry: { retries: 1, firstWaitMs: 10, random: () => 0.5 },
    });
    await failureOf(requester.request(info));
    expect(of("retry-scheduled")).toEqual([
      { type: "retry-scheduled", endpoint: "info", attempt: 2, waitMs: 25, error: "service" },
    ]);
  });

  it("fails at once, with the time asked for, where that is more than is left", async () => {
    const { url, received } = await unavailable({ "retry-after": "60" });
    const { requester, of } = observedRequester(url, { deadlineMs: 30_000 });
    expect(await failureOf(requester.request(info))).toMatchObject({ code: "service", retryAfterMs: 60_000 });
    expect([received.length, of("retry-scheduled")]).toEqual([1, []]);
  });

  it.each([
    [429, 3],
    [503, 1],
  ])(
    "told to repeat only what a busy service refused, sends an upsert that gets %i %i times",
    async (status, times) => {
      const { url, received } = await startServer((_, response) =>
        response.writeHead(status).end('{"error":"x"}'),
      );
      const { requester } = observedRequester(url, {
        retry: { retries: 2, firstWaitMs: 1, repeat: "rate-limited" },
      });
      await failureOf(requester.request({ path: ["upsert"], body: [] }));
      expect(received).toHaveLength(times);
    },
  );

  it("retries even unsafe requests if no connection was made", async () => {
    const { requester, of } = observedRequester(await deadAddress());
    expect(await failureOf(requester.request(write))).toMatchObject({
      code: "connection",
      mayHaveArrived: false,
    });
    expect(of("retry-scheduled").length).toBe(2);
  });

  it("gives the whole call one deadline, and says what went wrong before it", async () => {
    let count = 0;
    const { url } = await startServer((_, response) => {
      if (++count === 1) response.writeHead(503).end('{"error":"Unavailable"}');
    });
    const { requester } = observedRequester(url, { deadlineMs: 2_000 });
    const error = await failureOf(requester.request(info));
    expect(error).toMatchObject({ code: "timeout", endpoint: "info" });
    expect(error.message).toMatch(/within 2000 ms, waiting and retries included\. Last failure: Unavailable/);
  });

  it("reports the call, its attempts and their statuses, and no secrets", async () => {
    let count = 0;
    const { url } = await startServer((_, response) => {
      if (++count === 1) response.writeHead(500).end();
      else response.end('{"result":1}');
    });
    const { requester, events } = observedRequester(url);
    await requester.request({ path: ["upsert/ns"], body: [{ id: "1", data: "a private text" }] });
    expect(events.map(({ type }) => type)).toEqual([
      "attempt-end",
      "retry-scheduled",
      "attempt-end",
      "request-end",
    ]);
    expect(events[0]).toMatchObject({ endpoint: "upsert", attempt: 1, status: 500, error: "service" });
    expect(events[2]).toMatchObject({ attempt: 2, status: 200 });
    expect(events[3]).toMatchObject({ endpoint: "upsert", attempts: 2 });
    expect(events[3]).not.toHaveProperty("error");
    expect(JSON.stringify(events)).not.toMatch(/secret-token|private/);
  });

  it("is not disturbed by a listener that throws", async () => {
    const { url } = await startServer((_, response) => response.end('{"result":1}'));
    const warned = new Promise((resolve) => process.once("warning", resolve));
    const { requester } = observedRequester(url, {
      onEvent: () => {
        throw new Error("the listener is broken");
      },
    });
    expect(await requester.request(info)).toEqual({ result: 1 });
    expect(String(await warned)).toContain("the listener is broken");
  });

  it("keeps connections alive: calls in a row need no more than two, after errors too", async () => {
    const ports = new Set<number | undefined>();
    let count = 0;
    const { url } = await startServer((_, response) => {
      ports.add(response.socket?.remotePort);
      response.writeHead(++count % 2 === 0 ? 500 : 200).end('{"result":1}');
    });
    const { requester } = observedRequester(url);
    for (let call = 0; call < 10; call++) await requester.request(info);
    // Node.js frees a connection a moment after the body has ended, so that two take turns.
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

describe("an abort (REL-2)", () => {
  it("ends the wait for the next attempt at once", async () => {
    const { url } = await unavailable({ "retry-after": "3600" });
    const { requester, of } = observedRequester(url, { deadlineMs: 7_200_000 });
    const controller = new AbortController();
    const waiting = failureOf(requester.request(info, { signal: controller.signal }));
    await expect.poll(() => of("retry-scheduled")).toHaveLength(1);
    controller.abort();
    expect(await waiting).toMatchObject({ code: "cancelled" });
  });

  it("leaves nothing behind that is sent later", async () => {
    let isBusy = true;
    const { url, received } = await startServer((_, response) => {
      response.writeHead(isBusy ? 503 : 200, { "retry-after-ms": "300" }).end('{"result":1}');
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const controller = new AbortController();
    const { requester } = observedRequester(url, {
      concurrency: 1,
      onEvent: ({ type }) => type === "retry-scheduled" && controller.abort(new Error("Ctrl-C")),
    });
    expect(await failureOf(requester.request(info, { signal: controller.signal }))).toMatchObject({
      code: "cancelled",
      cause: new Error("Ctrl-C"),
    });
    isBusy = false;
    await vi.advanceTimersByTimeAsync(60_000);
    // One request at a time: what was left behind would be sent before this.
    await requester.request({ path: ["range"] });
    expect(received.map(({ url: path }) => path)).toEqual(["/info", "/range"]);
  });

  it("closes the connection of a request under way", async () => {
    let onClose = () => {};
    const closed = new Promise<void>((resolve) => {
      onClose = resolve;
    });
    const { url, received } = await startServer((_, response) => {
      response.on("close", onClose);
    });
    const controller = new AbortController();
    const failure = failureOf(observedRequester(url).requester.request(info, { signal: controller.signal }));
    await expect.poll(() => received).toHaveLength(1);
    controller.abort();
    expect(await failure).toMatchObject({ code: "cancelled" });
    await closed;
  });

  it("that came before the call makes no request", async () => {
    const { url, received } = await unavailable();
    const failure = failureOf(
      observedRequester(url).requester.request(info, { signal: AbortSignal.abort() }),
    );
    expect(await failure).toMatchObject({ code: "cancelled" });
    expect(received).toEqual([]);
  });

  it("leaves no listener on a signal that outlives its calls", async () => {
    const { url } = await startServer((_, response) => response.end('{"result":1}'));
    const { signal } = new AbortController();
    const { requester } = observedRequester(url);
    for (let call = 0; call < 5; call++) await requester.request(info, { signal });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("withRetries (REL-2)", () => {
  const failures = {
    refused: new RateLimitError("upstash", "429", { retryAfterMs: 0.25 }),
    unsent: new ConnectionError("upstash", "refused", { mayHaveArrived: false }),
    lost: new ConnectionError("upstash", "reset"),
    late: new TimeoutError("upstash", "late"),
    fault: new ServiceFaultError("upstash", "500"),
    denied: new ForbiddenError("upstash", "403"),
  };
  const isSurelyUndone = (name: keyof typeof failures) => name === "refused" || name === "unsent";

  interface Timing {
    readonly retries: number;
    readonly deadlineMs: number;
    readonly durationMs: number;
    readonly draw: number;
  }

  /** What has to come out, by a clock that waits and attempts alone move on. */
  function model(
    script: readonly (keyof typeof failures)[],
    policy: OperationPolicy,
    { retries, deadlineMs, durationMs, draw }: Timing,
  ): { attempts: number; result: unknown } {
    let now = 0;
    for (let attempt = 0; ; attempt++) {
      now += durationMs;
      const name = script[attempt];
      if (name === undefined) return { attempts: attempt + 1, result: "done" };
      const error = failures[name];
      const isAllowed = error.isRetryable && (policy.repeat === "always" || isSurelyUndone(name));
      const waitMs = draw * Math.min(0.08, 0.02 * 2 ** attempt) + (error.retryAfterMs ?? 0);
      if (!isAllowed || attempt === retries || waitMs >= deadlineMs - now) {
        return { attempts: attempt + 1, result: error };
      }
      now += waitMs;
    }
  }

  it("does what a simple model does: no wait beyond the deadline, no attempt too many, nothing unsafe", async () => {
    const hundredths = (maximum: number) => fc.integer({ min: 1, max: maximum }).map((value) => value / 100);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...(Object.keys(failures) as (keyof typeof failures)[])), { maxLength: 6 }),
        fc.constantFrom(...Object.values(operations)),
        fc.record({
          retries: fc.integer({ min: 0, max: 4 }),
          deadlineMs: hundredths(120),
          durationMs: hundredths(20),
          draw: fc.double({ min: 0, max: 0.999, noNaN: true }),
        }),
        async (script, policy, timing) => {
          let now = 0;
          let attempts = 0;
          const call = {
            signal: new AbortController().signal,
            lastFailure: undefined as unknown,
            get remainingMs() {
              return timing.deadlineMs - now;
            },
          };
          const onEvent = (event: TransportEvent) => {
            if (event.type === "retry-scheduled") now += event.waitMs;
          };
          const result = await withRetries(
            { retries: timing.retries, firstWaitMs: 0.02, longestWaitMs: 0.08, random: () => timing.draw },
            { endpoint: "x", policy, call, onEvent },
            async () => {
              now += timing.durationMs;
              const name = script[attempts++];
              if (name) throw failures[name];
              return "done";
            },
          ).catch((error) => error);
          expect({ attempts, result }).toEqual(model(script, policy, timing));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("policyOf (REL-2, SEC-2)", () => {
  it("distinguishes a delete by id from one that scans", () => {
    for (const body of [{ ids: ["1"] }, ["1"]]) expect(policyOf("delete", body).repeat).toBe("always");
    for (const body of [{ filter: "a = 1" }, { prefix: "a" }, "id", undefined, null]) {
      expect(policyOf("delete", body).repeat).toBe("unless-arrived");
    }
  });

  it.each(["emulator-faults", "constructor", ""])("trusts an unknown command, %j, with nothing", (name) => {
    expect(policyOf(name, {})).toMatchObject({ access: "write", repeat: "unless-arrived" });
  });
});
