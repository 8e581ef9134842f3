import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startServer } from "../helpers/http-server.ts";
import { failureOf } from "./failure-of.ts";
import { observedRequester } from "./requester.ts";

const info = { path: ["info"] };
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Answers when the promise resolves, and counts how many requests are there at a time. */
async function busyServer(busy: () => Promise<unknown>) {
  const seen = { now: 0, most: 0 };
  const { url, received } = await startServer(async (_, response) => {
    seen.most = Math.max(seen.most, ++seen.now);
    await busy();
    seen.now--;
    response.end('{"result":1}');
  });
  return { url, received, seen };
}

describe("bounded concurrency (REL-3)", () => {
  it("has no more requests under way than allowed", async () => {
    const { url, seen } = await busyServer(() => sleep(10));
    const { requester, of } = observedRequester(url, { concurrency: 3 });
    await Promise.all(Array.from({ length: 12 }, () => requester.request(info)));
    expect(seen.most).toBe(3);
    expect(of("queue-wait").length).toBe(9);
  });

  it("lets a call go from the queue when its caller or its deadline ends it, and no request is made", async () => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { url, received } = await busyServer(() => held);
    const { requester } = observedRequester(url, { concurrency: 1 });
    const first = requester.request(info);
    const controller = new AbortController();
    const queued = failureOf(requester.request({ path: ["range"] }, { signal: controller.signal }));
    controller.abort();
    expect(await queued).toMatchObject({ code: "cancelled" });
    answer();
    await first;
    expect(received.map(({ url: path }) => path)).toEqual(["/info"]);
  });

  it("counts the time in the queue", async () => {
    const { url, received } = await busyServer(() => new Promise(() => {}));
    const slow = observedRequester(url, { concurrency: 1, deadlineMs: 150 });
    // The deadline passes once the first request is there.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const calls = Promise.allSettled([slow.requester.request(info), slow.requester.request(info)]);
    await expect.poll(() => received).toHaveLength(1);
    vi.advanceTimersByTime(150);
    const outcomes = await calls;
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(received.length).toBe(1);
  });

  it("holds no place while a call waits for its next attempt", async () => {
    const { url } = await startServer((received, response) => {
      const isInfo = received.url === "/info";
      response.writeHead(isInfo ? 503 : 200, { "retry-after": "60" }).end('{"result":1}');
    });
    const { requester, of } = observedRequester(url, {
      concurrency: 1,
      retry: { retries: 1 },
      deadlineMs: 300_000,
    });
    const controller = new AbortController();
    const waiting = failureOf(requester.request(info, { signal: controller.signal }));
    await expect.poll(() => of("retry-scheduled")).toHaveLength(1);
    await requester.request({ path: ["range"] });
    expect(of("request-end").map(({ endpoint }) => endpoint)).toEqual(["range"]);
    controller.abort();
    await waiting;
  });
});

describe("the rate limit (REL-3)", () => {
  it("counts every attempt, including retries, and reports waits", async () => {
    let count = 0;
    const { url } = await startServer((_, response) => {
      response.writeHead(++count === 2 ? 503 : 200).end('{"result":1}');
    });
    const { requester, of } = observedRequester(url, { rateLimit: { count: 3, intervalMs: 200 } });
    await Promise.all(Array.from({ length: 7 }, () => requester.request(info)));
    expect(count).toBe(8);
    expect(of("rate-limit-wait").length).toBeGreaterThanOrEqual(4);
  });

  it("gives up waiting when the caller does, and makes no request for it", async () => {
    const { url, received } = await startServer((_, response) => response.end('{"result":1}'));
    const { requester } = observedRequester(url, {
      rateLimit: { count: 1, intervalMs: 60_000 },
      deadlineMs: 60_000,
    });
    await requester.request(info);
    const controller = new AbortController();
    const waiting = failureOf(requester.request(info, { signal: controller.signal }));
    controller.abort();
    expect(await waiting).toMatchObject({ code: "cancelled" });
    expect(received.length).toBe(1);
  });
});

describe("a 429 of the service (REL-2, REL-3)", () => {
  it("holds back others of its kind, and not those of the other", async () => {
    let count = 0;
    const { url, received } = await startServer((_, response) => {
      const isFirst = ++count === 1;
      response.writeHead(isFirst ? 429 : 200, { "retry-after-ms": "1000" }).end('{"result":1}');
    });
    const { requester, of } = observedRequester(url, { retry: { retries: 1 } });
    const limited = requester.request({ path: ["upsert"], body: [] });
    await expect.poll(() => of("pause-start")).toHaveLength(1);
    const write = requester.request({ path: ["update"], body: {} });
    await Promise.all([limited, write, requester.request(info)]);
    expect(received.map(({ url: path }) => path).slice(0, 2)).toEqual(["/upsert", "/info"]);
    expect(of("rate-limit-wait").map(({ endpoint }) => endpoint)).toContain("update");
    expect(of("pause-start")).toEqual([{ type: "pause-start", access: "write", durationMs: 1_000 }]);
  });

  it("fails a call at once whose time is up before the pause", async () => {
    const { url, received } = await startServer((_, response) =>
      response.writeHead(429, { "retry-after": "3600" }).end("{}"),
    );
    const { requester } = observedRequester(url, { deadlineMs: 20_000 });
    expect(await failureOf(requester.request(info))).toMatchObject({ retryAfterMs: 3_600_000 });
    const error = await failureOf(requester.request(info));
    expect(error).toMatchObject({ code: "rate-limit", endpoint: "info" });
    expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(received.length).toBe(1);
  });
});
