import { describe, expect, it } from "vitest";
import { BudgetError, OutcomeUnknownError, ServiceFaultError } from "../../src/foundation/errors.ts";
import type { RequestEntry } from "../../src/server/parts.ts";
import { describeProblem } from "../../src/server/problem.ts";
import { testService } from "../helpers/service.ts";

describe("the HTTP API", () => {
  it("answers health checks, and is not ready when the store fails or the service stops", async () => {
    const obstacles: string[] = [];
    const { app, application } = await testService({ parts: { obstacles: () => obstacles } });
    expect((await app.request("/healthz")).status).toBe(200);
    expect(await (await app.request("/readyz")).json()).toEqual({ status: "ready", store: "embedded" });
    obstacles.push("The service is stopping.");
    const stopping = await app.request("/readyz");
    expect(stopping.status).toBe(503);
    expect(stopping.headers.get("retry-after")).toBe("1");
    const failing = await testService({
      parts: {
        store: {
          ...application.store,
          name: "upstash",
          info: () => Promise.reject(new ServiceFaultError("upstash", "secret details")),
        },
      },
    });
    const response = await failing.app.request("/readyz");
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain("secret details");
  });

  it("answers every failure with problem details that hold nothing of its insides", async () => {
    const { app, post } = await testService({
      parts: {
        engine: {
          stream: () => {
            throw new Error("password=hunter2hunter2 at /home/somebody/secret.ts:1");
          },
        } as never,
      },
    });
    const response = await post("/api/ask", { question: "What is pho?" });
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toMatch(/hunter2|secret\.ts|somebody/);
    expect(JSON.parse(text)).toMatchObject({
      type: "urn:ragfood:problem:internal",
      requestId: response.headers.get("x-request-id"),
    });
    expect((await app.request("/nothing")).status).toBe(404);
  });

  it("says of a write that was not confirmed that it may be applied", () => {
    const { problem } = describeProblem(new OutcomeUnknownError("chroma"), "r");
    expect(problem).toMatchObject({
      status: 504,
      code: "outcome-unknown",
      detail: "chroma did not confirm the write: it may be applied, or may still be.",
      hint: "Write it again, or read the record after some minutes.",
    });
  });

  it("says that the budget is spent, and when it counts anew", () => {
    const { problem, headers } = describeProblem(new BudgetError("100 % of the budget is spent."), "r");
    expect(problem).toMatchObject({
      status: 503,
      code: "budget",
      detail: "The budget of this month is spent: the service sends no requests to its index.",
      hint: "Wait for the next month (UTC), or let the operator raise BUDGET_DOLLARS or BUDGET_REQUESTS.",
    });
    const begin = new Date(Date.now() + Number(headers["Retry-After"]) * 1_000);
    expect(begin.getUTCDate()).toBe(1);
  });

  it("names the methods of a path, and the media type of a body", async () => {
    const { app } = await testService();
    const food = await app.request("/api/foods/pho", { method: "PATCH" });
    expect([food.status, food.headers.get("allow")]).toEqual([405, "GET, HEAD, PUT, DELETE"]);
    expect((await app.request("/api/ask")).headers.get("allow")).toBe("POST");
    expect((await app.request("/v1/chat/completions")).status).toBe(405);
    expect((await app.request("/api/asks", { method: "POST" })).status).toBe(404);
    const form = await app.request("/api/ask", {
      method: "POST",
      body: new URLSearchParams({ question: "x" }),
    });
    expect(form.status).toBe(415);
    expect(await form.json()).toMatchObject({ hint: expect.stringContaining("application/json") });
  });

  it("sets security headers on answers and failures", async () => {
    const { app } = await testService();
    for (const path of ["/healthz", "/nothing"]) {
      const { headers } = await app.request(path);
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });

  it("keeps a proxy's request id, but none that could break a header or a log", async () => {
    const { app } = await testService();
    const idFor = async (id: string) =>
      (await app.request("/healthz", { headers: { "X-Request-Id": id } })).headers.get("x-request-id");
    expect(await idFor("0af7651916cd43dd8448")).toBe("0af7651916cd43dd8448");
    expect(await idFor("x".repeat(500))).not.toContain("xxx");
    expect(await idFor('a" onload="')).not.toContain("onload");
  });

  it("reports each request with its route, without its body or query", async () => {
    const entries: RequestEntry[] = [];
    const { app, post } = await testService({ parts: { onRequest: (entry) => entries.push(entry) } });
    await post("/api/ask", { question: "What is pho?" });
    await app.request("/nothing?token=secret");
    expect(entries).toMatchObject([
      { method: "POST", route: "/api/ask", status: 200 },
      { method: "GET", path: "/nothing", status: 404 },
    ]);
    expect(entries.map(({ code, hasLeft }) => [code, hasLeft])).toEqual([
      [undefined, false],
      ["not-found", false],
    ]);
    expect(entries[0]?.milliseconds).toBeGreaterThan(0);
    expect(JSON.stringify(entries)).not.toMatch(/pho|secret/);
  });

  it("describes its routes by OpenAPI", async () => {
    const { app } = await testService();
    const document = (await (await app.request("/openapi.json")).json()) as {
      openapi: string;
      paths: Record<string, unknown>;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(["/api/ask", "/healthz", "/readyz"]));
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(["Answer", "AskRequest", "Plan", "Problem", "Source"]),
    );
  });
});
