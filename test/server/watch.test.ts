import { describe, expect, it, onTestFinished } from "vitest";
import { RefusalLog } from "../../src/composition/refusal-log.ts";
import { createMeasuring, createWatch, requestObservers } from "../../src/composition/watch.ts";
import { readSettings } from "../../src/config/settings.ts";
import { CancelledError, ServiceFaultError } from "../../src/foundation/errors.ts";
import type { Log } from "../../src/operations/logs/log.ts";
import type { Status } from "../../src/operations/status/status.ts";
import { statusSchema } from "../../src/operations/status/status-schema.ts";
import { RagEngine } from "../../src/rag/engine.ts";
import type { Generator } from "../../src/rag/generator.ts";
import { listen } from "../../src/server/listen.ts";
import type { ServerParts } from "../../src/server/parts.ts";
import type { IncidentResponse } from "../../src/server/schemas/incidents.ts";
import type { AlertResponse, HistoryResponse } from "../../src/server/schemas/watch.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { testService } from "../helpers/service.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const question = "What is pho?";

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** A service that is watched, with what it logs. */
async function watchedService(parts: Partial<ServerParts> = {}, environment: Record<string, string> = {}) {
  const lines: LogLine[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, fields: { ...fields } });
  const log: Log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const settings = readSettings({ RAGFOOD_DIR: temporaryDirectory(), ...environment });
  const measuring = createMeasuring(settings, "1.2.3");
  const state = openSqliteState(`${temporaryDirectory()}/state.sqlite3`);
  const watch = createWatch(settings, measuring, { state, version: "1.2.3", log });
  onTestFinished(async () => {
    await watch.close();
    await state.close();
  });
  const service = await testService({
    parts: { watch, ...requestObservers(measuring.metrics, log, new RefusalLog(log)), ...parts },
  });
  const get = async <T>(path: string) => (await (await service.app.request(path)).json()) as T;
  return { ...service, watch, lines, get, ...measuring };
}

const failingEngine = {
  stream: () => {
    throw new ServiceFaultError("upstash", "down");
  },
} as never;

describe("GET /api/status (OPS-3)", () => {
  it("says that nothing is measured yet, and never that all is well", async () => {
    const { get, watch } = await watchedService();
    await watch.look();
    const status = await get<Status>("/api/status");
    expect(statusSchema.parse(status)).toEqual(status);
    expect(status).toMatchObject({ condition: "unknown", sentence: "Nothing is measured yet: no requests" });
    expect(status.sections.backups).toMatchObject({ condition: "unknown", isStale: true });
  });

  it("says that all objectives hold when enough requests were answered", async () => {
    const { get, post } = await watchedService();
    for (let count = 0; count < 20; count++) await post("/api/ask", { question });
    const status = await get<Status>("/api/status");
    expect(status.sentence).toBe("All objectives hold");
    expect(status.traffic.p99).toBeGreaterThan(0);
    // Of a service that is measured for less than a minute: the window of five minutes would make 4 of them.
    expect(status.traffic.requestsPerMinute).toBeGreaterThan(10);
  });

  it("names a breach with its time, alerts once, and reports the incident (OPS-2)", async () => {
    const { get, post, watch, lines } = await watchedService({ engine: failingEngine });
    for (let count = 0; count < 25; count++) await post("/api/ask", { question });
    await watch.look();
    await watch.look();
    const status = await get<Status>("/api/status");
    expect(status.condition).toBe("bad");
    expect(status.sentence).toMatch(
      /^Error rate above objective, availability below objective since \d\d:\d\d UTC$/,
    );
    expect(status.objectives.at(-1)).toMatchObject({ calmSince: null, endsBy: null });
    expect(status.alerts[0]?.sentence).toMatch(
      /measured: \d minutes? of 60 minutes, and the rest counts as good/,
    );
    const { alerts } = await get<{ alerts: AlertResponse[] }>("/api/alerts");
    expect(alerts.map(({ key, severity, state }) => [key, severity, state]).sort()).toEqual([
      ["objective:availability", "page", "firing"],
      ["objective:errors", "page", "firing"],
    ]);
    expect(lines.filter(({ message }) => message.startsWith("Alert: "))).toHaveLength(2);
    const { incidents } = await get<{ incidents: { kind: string; closedAt: null }[] }>("/api/incidents");
    expect(incidents.map(({ kind, closedAt }) => [kind, closedAt]).sort()).toEqual([
      ["alert:objective:availability", null],
      ["alert:objective:errors", null],
    ]);
  });
});

describe("POST /api/alerts/{id}/acknowledge", () => {
  it("keeps who knows of an alert, takes the news out of the sentence, and turns nothing green", async () => {
    const { get, post, watch } = await watchedService({ engine: failingEngine });
    for (let count = 0; count < 25; count++) await post("/api/ask", { question });
    await watch.look();
    await watch.look();
    const list = async () => (await get<{ alerts: AlertResponse[] }>("/api/alerts")).alerts;
    const before = await get<Status>("/api/status");
    for (const { id } of await list()) {
      const response = await post(`/api/alerts/${id}/acknowledge`, { by: "Ada", text: "mending the store" });
      expect(response.status).toBe(200);
    }
    const by = "Ada (on this machine, without a key)";
    expect((await list())[0]?.acknowledgement).toMatchObject({ by, text: "mending the store" });
    const status = await get<Status>("/api/status");
    expect(status.condition).toBe("bad");
    expect(status.sentence).toContain(`${before.sentence}; acknowledged by ${by} at `);
    expect(status.alerts.map(({ acknowledgement }) => acknowledgement?.text)).toEqual([
      "mending the store",
      "mending the store",
    ]);
    const { incidents } = await get<{ incidents: IncidentResponse[] }>("/api/incidents");
    expect(incidents[0]?.report).toContain("Acknowledged: mending the store");
    expect((await post("/api/alerts/none/acknowledge", {})).status).toBe(404);
  });
});

describe("POST /api/incidents/{id}/{action}", () => {
  it("keeps notes and costs in the report, and an incident open until a person closes it", async () => {
    const { get, post, watch } = await watchedService({ engine: failingEngine });
    for (let count = 0; count < 25; count++) await post("/api/ask", { question });
    await watch.look();
    await watch.look();
    const list = async () => (await get<{ incidents: IncidentResponse[] }>("/api/incidents")).incidents;
    const [incident] = await list();
    expect(incident?.cost).toMatchObject({ requests: 25, unanswered: 25 });
    // No request of the minutes that were measured was answered; one in a thousand of 30 days may be bad.
    const minutes = (incident?.cost.budgetShare ?? 0) * 43.2;
    expect(minutes).toBeGreaterThan(0.9);
    expect(minutes).toBeCloseTo(Math.round(minutes), 5);
    const act = async (action: string, body: object) =>
      (await post(`/api/incidents/${incident?.id}/${action}`, body)).status;
    expect(await act("note", { text: " " })).toBe(422);
    expect(await act("note", { by: "Ada", text: "The disk | is full" })).toBe(200);
    expect(await act("keep-open", { by: "Ada" })).toBe(200);
    const kept = (await list()).find(({ id }) => id === incident?.id);
    expect(kept).toMatchObject({ isKept: true, closedAt: null });
    expect(kept?.report).toContain("- Failed or refused: 25 of 25 requests");
    expect(kept?.report).toMatch(/\| Ada \(on this machine, without a key\) \| The disk \\\| is full \|/);
    expect(await act("close", { by: "Ada" })).toBe(200);
    expect((await list()).find(({ id }) => id === incident?.id)?.closedAt).not.toBeNull();
    expect((await post("/api/incidents/none/close", {})).status).toBe(404);
  });
});

describe("GET /metrics (OPS-1)", () => {
  it("exposes what was measured, and no text of a question", async () => {
    const { app, post } = await watchedService();
    await post("/api/ask", { question });
    const response = await app.request("/metrics");
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    expect(text).toContain(
      'ragfood_http_request_duration_seconds_count{method="POST",route="/api/ask",status="200"} 1',
    );
    expect(text).toContain(
      'ragfood_answers_total{store="embedded",generator="extractive",outcome="answered"} 1',
    );
    expect(text).toContain('ragfood_build_info{version="1.2.3"} 1');
    expect(text).toContain("nodejs_eventloop_lag_seconds");
    expect(text).not.toContain("pho");
  });
});

describe("GET /api/metrics/history", () => {
  it("has a point for each step, and shows steps that nobody measured as gaps", async () => {
    const { get, post } = await watchedService();
    await post("/api/ask", { question });
    const { points, stepSeconds } = await get<HistoryResponse>("/api/metrics/history");
    expect(stepSeconds).toBe(60);
    expect(points.length).toBeGreaterThanOrEqual(60);
    expect(points.at(-1)).toMatchObject({ isGap: false, requests: 1, failed: 0, answers: 1 });
    expect(points.at(-1)?.p50).toBeGreaterThan(0);
    expect(points[0]).toMatchObject({ isGap: true, requests: 0, p50: null });
  });

  it.each([
    ["?from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "query.from"],
    ["?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z&step=60", "query.step"],
    ["?step=90", "query.step"],
    ["?step=1", "query.step"],
    ["?from=yesterday", "query.from"],
  ])("refuses %s", async (query, path) => {
    const { app } = await watchedService();
    const response = await app.request(`/api/metrics/history${query}`);
    expect(response.status).toBe(422);
    expect(((await response.json()) as { errors: { path: string }[] }).errors[0]?.path).toBe(path);
  });
});

describe("GET /api/events", () => {
  it("sends a snapshot at once, and ends when the service stops", async () => {
    const { app, watch } = await watchedService();
    const response = await app.request("/api/events");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await reader.read();
    expect(value).toMatch(/^event: status\ndata: \{/);
    watch.beginStop();
    expect((await reader.read()).done).toBe(true);
  });

  it("is refused beyond 100 clients, and frees the place of one that leaves", async () => {
    const { app } = await watchedService();
    const responses = await Promise.all(Array.from({ length: 100 }, () => app.request("/api/events")));
    expect((await app.request("/api/events")).status).toBe(503);
    await responses[0]?.body?.cancel();
    expect((await app.request("/api/events")).status).toBe(200);
    for (const response of responses.slice(1)) await response.body?.cancel();
  });
});

describe("the log of requests", () => {
  it("has one line with the id of the request and the error, without secrets and texts", async () => {
    const engine = {
      stream: () => {
        throw new ServiceFaultError("upstash", "failed with Bearer zK8vQ2mN4pR7tW1xY5bC3dF6");
      },
    } as never;
    const { post, lines } = await watchedService({ engine });
    const response = await post("/api/ask", { question }, { "X-Request-Id": "0af7651916cd43dd8448" });
    expect(response.status).toBe(503);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: "error",
      message: "POST /api/ask 503",
      fields: { requestId: "0af7651916cd43dd8448", code: "service", outcome: "failed" },
    });
    expect(JSON.stringify(lines)).not.toMatch(/zK8vQ2mN4pR7|pho/);
  });
});

describe("a streamed answer over a socket", () => {
  /** A model that writes one piece after some time, and then fails or waits. */
  function slowModel(then: (signal: AbortSignal | undefined) => Promise<never>): Generator {
    return {
      name: "slow model",
      async *generate({ signal }) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        yield "Pho is ";
        await then(signal);
      },
    };
  }

  async function served(model: Generator) {
    const service = await testService();
    const engine = new RagEngine({
      store: service.application.store,
      generators: [model],
      topK: 3,
      isLexical: true,
    });
    const watched = await watchedService({ engine });
    const server = await listen(watched.app, { host: "127.0.0.1", port: 0 });
    onTestFinished(() => server.close(100));
    const ask = (signal?: AbortSignal) =>
      fetch(`${server.url}/api/ask`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
        body: JSON.stringify({ question }),
        ...(signal && { signal }),
      });
    const counters = () => watched.metrics.minutes.pending().at(-1)?.counters;
    return { ...watched, ask, counters };
  }

  it("counts as failed if it ends with an error after status 200", async () => {
    const { ask, counters, lines } = await served(
      slowModel(() => Promise.reject(new ServiceFaultError("ollama", "The model crashed"))),
    );
    const response = await ask();
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("event: error");
    await expect.poll(counters).toMatchObject({ requests: 1, failed: 1, "error.service": 1 });
    expect(lines.find(({ level }) => level === "error")).toMatchObject({
      message: "POST /api/ask 200",
      fields: { outcome: "failed", code: "service", firstTextMs: expect.any(Number) },
    });
  });

  it("does not count if the client leaves, which ends the work", async () => {
    let hasEnded = false;
    const { ask, counters, metrics } = await served(
      slowModel(
        (signal) =>
          new Promise((_, reject) => {
            const end = () => {
              hasEnded = true;
              reject(new CancelledError());
            };
            // The client may have left before the model wrote anything.
            if (signal?.aborted) end();
            else signal?.addEventListener("abort", end);
          }),
      ),
    );
    const client = new AbortController();
    const reader = (await ask(client.signal)).body!.getReader();
    for (let text = ""; !text.includes("event: text"); ) {
      text += new TextDecoder().decode((await reader.read()).value);
    }
    client.abort();
    await expect.poll(counters).toMatchObject({ abandoned: 1 });
    expect(counters()?.requests).toBeUndefined();
    await expect.poll(() => hasEnded).toBe(true);
    expect(metrics.inFlight).toBe(0);
  });
});
