import { describe, expect, it } from "vitest";
import { Metrics } from "../../../src/operations/metrics/metrics.ts";
import type { RequestReport } from "../../../src/operations/metrics/reports.ts";

const ask: RequestReport = { method: "POST", route: "/api/ask", status: 200, milliseconds: 120 };

/** The lines of one metric in `/metrics`. */
async function linesOf(metrics: Metrics, name: string): Promise<string[]> {
  const { text } = await metrics.exposition();
  return text.split("\n").filter((line) => line.startsWith(name));
}

/** What the current minute counted. */
function counted(metrics: Metrics) {
  return metrics.minutes.pending().at(-1)?.counters;
}

describe("recording requests (OPS-1)", () => {
  it("counts an answered request, with its duration in seconds", async () => {
    const metrics = new Metrics();
    metrics.recordRequest(ask);
    expect(await linesOf(metrics, "ragfood_http_request_duration_seconds_sum")).toEqual([
      'ragfood_http_request_duration_seconds_sum{method="POST",route="/api/ask",status="200"} 0.12',
    ]);
    expect(counted(metrics)).toEqual({ requests: 1, milliseconds: 120 });
  });

  it("measures a streamed answer until its first text", () => {
    const metrics = new Metrics();
    metrics.recordRequest({ ...ask, milliseconds: 9_000, firstTextMs: 80 });
    expect(counted(metrics)).toEqual({ requests: 1, milliseconds: 80 });
  });

  it("counts a stream that failed after status 200 as failed, with its error", () => {
    const metrics = new Metrics();
    metrics.recordRequest({ ...ask, outcome: "failed", error: "service" });
    expect(counted(metrics)).toEqual({ requests: 1, failed: 1, milliseconds: 120, "error.service": 1 });
  });

  it("leaves refusals out of the latency, so that overload does not improve it", () => {
    const metrics = new Metrics();
    metrics.recordRequest({ ...ask, status: 503, milliseconds: 1, outcome: "refused" });
    expect(counted(metrics)).toEqual({ requests: 1, refused: 1 });
  });

  it("counts neither wrong requests nor clients that left for the objectives", () => {
    const metrics = new Metrics();
    metrics.recordRequest({ ...ask, status: 401, error: "authentication" });
    metrics.recordRequest({ ...ask, outcome: "abandoned" });
    expect(counted(metrics)).toEqual({ clientErrors: 1, abandoned: 1, "error.authentication": 1 });
  });

  it.each(["/healthz", "/metrics", "/api/status", "/api/events", "/assets/app.js", "unknown"])(
    "does not count %s for the objectives",
    (route) => {
      const metrics = new Metrics();
      metrics.recordRequest({ ...ask, route });
      expect(counted(metrics)).toEqual({});
    },
  );

  it("counts requests slower than the objective as slow", () => {
    const metrics = new Metrics({ slowAfterMs: 100 });
    metrics.recordRequest({ ...ask, milliseconds: 100 });
    metrics.recordRequest({ ...ask, milliseconds: 101 });
    expect(counted(metrics)?.slow).toBe(1);
  });
});

describe("labels", () => {
  it("stay bounded whatever callers report", async () => {
    const metrics = new Metrics();
    for (let number = 0; number < 300; number++) {
      metrics.recordRequest({ ...ask, route: `/guessed/${number}` });
    }
    const counts = await linesOf(metrics, "ragfood_http_request_duration_seconds_count");
    expect(counts).toHaveLength(101);
    expect(counts.at(-1)).toMatch(/route="other".* 200$/);
  });
});

describe("recording answers, stores and the transport", () => {
  it("times each phase of an answer, and counts its tokens", async () => {
    const metrics = new Metrics();
    metrics.recordAnswer({
      store: "upstash",
      generator: "ollama llama3.2",
      timings: { understanding: 2, retrieval: 30, generation: 400, total: 432 },
      tokens: { prompt: 900, completion: 80 },
    });
    expect(await linesOf(metrics, 'ragfood_answer_duration_seconds_sum{phase="generation"}')).toEqual([
      'ragfood_answer_duration_seconds_sum{phase="generation"} 0.4',
    ]);
    expect(counted(metrics)).toEqual({ answers: 1, promptTokens: 900, completionTokens: 80 });
    expect(Object.keys(metrics.minutes.pending()[0]?.latencies ?? {})).toEqual([
      "understanding",
      "retrieval",
      "generation",
    ]);
  });

  it("shows the breaker of a store as open until it closes", async () => {
    const metrics = new Metrics();
    metrics.recordTransportEvent({ type: "breaker-open", durationMs: 1_000 }, "upstash");
    expect(await linesOf(metrics, "ragfood_breaker_open{")).toEqual([
      'ragfood_breaker_open{store="upstash"} 1',
    ]);
    metrics.recordTransportEvent({ type: "breaker-close" }, "upstash");
    expect(await linesOf(metrics, "ragfood_breaker_open{")).toEqual([
      'ragfood_breaker_open{store="upstash"} 0',
    ]);
  });

  it("does not label attempts with namespaces", async () => {
    const metrics = new Metrics();
    const event = {
      type: "attempt-end",
      endpoint: "query-data/tenant-7",
      attempt: 1,
      durationMs: 3,
      bytes: 100,
    } as const;
    metrics.recordTransportEvent(event, "upstash");
    const { text } = await metrics.exposition();
    expect(text).toContain('endpoint="query-data",status="none"');
    expect(text).not.toContain("tenant-7");
  });
});
