import { describe, expect, it } from "vitest";
import { HttpRequester, type HttpRequesterOptions } from "../../src/transport/http-requester.ts";
import { deadAddress, startServer } from "../helpers/http-server.ts";
import { failureOf } from "./failure-of.ts";

const token = "secret-token-of-the-index";

/** One attempt a call; what is repeated is the subject of faults.test.ts. */
function requester(url: string, options: Partial<HttpRequesterOptions> = {}): HttpRequester {
  return new HttpRequester({ url, token, timeoutMs: 5_000, retry: { retries: 0 }, ...options });
}

describe("HttpRequester", () => {
  it("names the server that failed, and what to do", async () => {
    const { url } = await startServer((_, response) => response.writeHead(503).end('{"error":"Down"}'));
    const failure = await failureOf(requester(url).request({ path: ["info"], body: {} }));
    expect(failure).toMatchObject({
      message: "Down",
      hint: `${url} answered 503 to /info. Wait, then run the same command again.`,
    });
  });

  it.each([
    ["text/html", "<html>Denied by the firewall</html>", "service", "no proxy, firewall or login page"],
    ["application/json", '{"error":"Address not allowed"}', "forbidden", "which addresses the index allows"],
    ["application/json", '{"error":"Forbidden: /upsert is not allowed"}', "forbidden", "read-only token"],
  ])("tells refusals with 403 apart: %s %s", async (type, body, code, hint) => {
    const { url } = await startServer((_, response) =>
      response.writeHead(403, { "content-type": type }).end(body),
    );
    const failure = await failureOf(requester(url).request({ path: ["upsert"], body: [] }));
    expect(failure).toMatchObject({ code, hint: expect.stringContaining(hint) });
  });

  it("says what to do if the service asks to send less (REL-2)", async () => {
    const { url } = await startServer((_, response) =>
      response.writeHead(429).end('{"error":"Exceeded request rate limit: 2 per second"}'),
    );
    const failure = await failureOf(requester(url).request({ path: ["info"], body: {} }));
    expect(failure).toMatchObject({ code: "rate-limit", hint: expect.stringContaining("set RATE_LIMIT") });
  });

  it("sends the command with the token and returns the result", async () => {
    const { url, received } = await startServer((_, response) => response.end('{"result":{"n":1}}'));
    expect(await requester(`${url}/`).request({ path: ["query/a b"], body: { topK: 3 } })).toEqual({
      result: { n: 1 },
    });
    expect(received[0]).toMatchObject({
      method: "POST",
      url: "/query/a%20b",
      headers: { authorization: `Bearer ${token}` },
      body: '{"topK":3}',
    });
  });

  it.each([
    [400, "invalid-request", false],
    [401, "authentication", false],
    [403, "forbidden", false],
    [404, "not-found", false],
    [408, "timeout", true],
    [422, "invalid-request", false],
    [429, "rate-limit", true],
    [500, "service", true],
    [503, "service", true],
  ])(
    "makes status %i an error of kind %s, by status and not by text (REL-1)",
    async (status, code, isRetryable) => {
      const { url } = await startServer((_, response) => {
        response
          .writeHead(status, { "retry-after": "2", "x-request-id": "r-1" })
          .end(`{"error":"it said so","status":${status}}`);
      });
      const error = await failureOf(requester(url).request({ path: ["upsert/ns"] }));
      expect(error).toMatchObject({
        code,
        isRetryable,
        status,
        message: "it said so",
        endpoint: "upsert",
        requestId: "r-1",
        retryAfterMs: 2_000,
      });
    },
  );

  it("distinguishes a daily quota from a missing right", async () => {
    const { url } = await startServer((_, response) =>
      response.writeHead(403).end('{"error":"Exceeded daily write limit: 10000"}'),
    );
    expect(await failureOf(requester(url).request({ path: ["upsert"] }))).toMatchObject({
      code: "quota",
      isRetryable: false,
    });
  });

  it.each([
    ["an HTML page", 502, "<html>Bad gateway</html>"],
    ["HTML with status 200", 200, "<html>Welcome to the hotel</html>"],
    ["half of an answer", 200, '{"result":[{"id"'],
    ["an answer without a result", 200, '{"ok":true}'],
    ["nothing", 200, ""],
    ["JSON that is no object", 200, "5"],
  ])("makes %s a service error", async (_, status, body) => {
    const { url } = await startServer((__, response) => response.writeHead(status).end(body));
    expect(await failureOf(requester(url).request({ path: ["info"] }))).toMatchObject({
      code: "service",
      status,
    });
  });

  it("gives up after the time allowed, headers or body late", async () => {
    const silent = await startServer(() => new Promise(() => {}));
    expect(
      await failureOf(requester(silent.url, { timeoutMs: 50 }).request({ path: ["info"] })),
    ).toMatchObject({
      code: "timeout",
    });
    const halfway = await startServer((_, response) => {
      response.writeHead(200).write('{"result":');
    });
    expect(
      await failureOf(requester(halfway.url, { timeoutMs: 50 }).request({ path: ["info"] })),
    ).toMatchObject({
      code: "timeout",
    });
  });

  it("reports a missing server and a broken connection", async () => {
    expect(await failureOf(requester(await deadAddress()).request({ path: ["info"] }))).toMatchObject({
      code: "connection",
    });
    const breaking = await startServer((_, response) => {
      response.socket?.destroy();
    });
    expect(await failureOf(requester(breaking.url).request({ path: ["info"] }))).toMatchObject({
      code: "connection",
    });
  });

  it("does not follow a redirect, which would carry the token elsewhere", async () => {
    const other = await startServer((_, response) => response.end('{"result":1}'));
    const { url } = await startServer((_, response) =>
      response.writeHead(307, { location: other.url }).end(),
    );
    await failureOf(requester(url).request({ path: ["info"] }));
    expect(other.received).toEqual([]);
  });

  it("stops when the caller does", async () => {
    const { url, received } = await startServer(() => new Promise(() => {}));
    const controller = new AbortController();
    const pending = failureOf(requester(url).request({ path: ["info"] }, { signal: controller.signal }));
    await expect.poll(() => received).toHaveLength(1);
    controller.abort();
    expect(await pending).toMatchObject({ code: "cancelled" });
  });

  it("keeps the token out of every error (SEC-1)", async () => {
    const { url } = await startServer((_, response) =>
      response.writeHead(401).end('{"error":"Unauthorized: Invalid auth token"}'),
    );
    for (const address of [url, await deadAddress()]) {
      const error = await failureOf(requester(address).request({ path: ["info"] }));
      expect(
        JSON.stringify({ ...error, message: error.message, stack: error.stack, cause: String(error.cause) }),
      ).not.toContain(token);
    }
  });
});
