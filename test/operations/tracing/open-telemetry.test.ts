import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  trace,
} from "@opentelemetry/api";
import { afterEach, expect, it } from "vitest";
import { createApplication } from "../../../src/composition/application.ts";
import { readSettings } from "../../../src/config/settings.ts";
import { toDocument } from "../../../src/foods/food.ts";
import { ServiceFaultError } from "../../../src/foundation/errors.ts";
import { openTelemetryTracing } from "../../../src/operations/tracing/open-telemetry.ts";
import type { RequestEntry } from "../../../src/server/parts.ts";
import { sampleFoods } from "../../helpers/foods.ts";
import { testService } from "../../helpers/service.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

interface Recorded {
  name: string;
  readonly kind: SpanKind | undefined;
  readonly traceId: string;
  readonly id: string;
  readonly parentId: string | undefined;
  readonly attributes: Attributes;
  isOver: boolean;
}

/** An SDK in few lines: spans with ids, and the context of asynchronous work. */
function registerSdk(): Recorded[] {
  const spans: Recorded[] = [];
  const storage = new AsyncLocalStorage<Context>();
  let count = 0;
  const noop = trace.getTracer("none").startSpan("none");
  context.setGlobalContextManager({
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, self, ...words) => storage.run(active, () => work.call(self as never, ...words)),
    bind: (_, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
  const startSpan = (name: string, options: SpanOptions = {}, parent = context.active()): Span => {
    const above = trace.getSpanContext(parent);
    const span: Recorded = {
      name,
      kind: options.kind,
      traceId: above?.traceId ?? "1".repeat(32),
      id: String(++count).padStart(16, "0"),
      parentId: above?.spanId,
      attributes: { ...options.attributes },
      isOver: false,
    };
    spans.push(span);
    return Object.assign(Object.create(noop), {
      spanContext: () => ({ traceId: span.traceId, spanId: span.id, traceFlags: 1 }),
      updateName: (changed: string) => {
        span.name = changed;
      },
      setAttribute: (key: string, value: string) => Object.assign(span.attributes, { [key]: value }),
      setAttributes: (more: Attributes) => Object.assign(span.attributes, more),
      setStatus: () => {},
      end: () => {
        span.isOver = true;
      },
    });
  };
  trace.setGlobalTracerProvider({
    getTracer: () => ({
      startSpan,
      startActiveSpan: () => {
        throw new Error("not used");
      },
    }),
  });
  return spans;
}

afterEach(() => {
  trace.disable();
  context.disable();
});

/** Each span with the names of those above it. */
function paths(spans: readonly Recorded[]): string[] {
  const path = (span: Recorded): string => {
    const above = spans.find(({ id }) => id === span.parentId);
    return above ? `${path(above)} > ${span.name}` : span.name;
  };
  return spans.map(path);
}

async function tracedService() {
  const tracing = await openTelemetryTracing();
  const settings = readSettings({ RAGFOOD_DIR: temporaryDirectory(), GENERATOR: "extractive" });
  const application = createApplication(settings, { startSpan: tracing.startSpan });
  await application.store.upsert(sampleFoods.map((food) => toDocument(food)));
  const entries: RequestEntry[] = [];
  const service = await testService({
    parts: {
      engine: application.engine,
      traceRequest: tracing.traceRequest,
      onRequest: (entry) => entries.push(entry),
    },
  });
  return { ...service, application, entries };
}

const caller = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;

it.each(["application/json", "text/event-stream"])(
  "traces ask, understand, retrieve, store and generate under the caller's span (%s)",
  async (accept) => {
    const spans = registerSdk();
    const { post, application, entries } = await tracedService();
    await (await post("/api/ask", { question: "What is pho?" }, { Accept: accept })).text();
    spans.length = 0;
    const response = await post(
      "/api/ask",
      { question: "What is pho?" },
      { Accept: accept, traceparent: caller },
    );
    await response.text();
    const root = "POST /api/ask";
    expect(new Set(paths(spans))).toEqual(
      new Set([
        root,
        `${root} > ask`,
        `${root} > ask > understand`,
        `${root} > ask > retrieve`,
        `${root} > ask > retrieve > store query`,
        `${root} > ask > retrieve > store fetch`,
        `${root} > ask > generate`,
      ]),
    );
    expect(spans.every(({ isOver, traceId }) => isOver && traceId === "a".repeat(32))).toBe(true);
    expect(spans[0]).toMatchObject({
      kind: SpanKind.SERVER,
      parentId: "b".repeat(16),
      attributes: { "http.route": "/api/ask", "http.response.status_code": 200 },
    });
    expect(entries.at(-1)?.traceId).toBe("a".repeat(32));
    expect(JSON.stringify(spans)).not.toMatch(/pho/i);
    await application.close();
  },
);

it("ends the spans of what fails, with the code of the error", async () => {
  const spans = registerSdk();
  const { startSpan } = await openTelemetryTracing();
  const settings = readSettings({ RAGFOOD_DIR: temporaryDirectory() });
  const application = createApplication(settings, { startSpan });
  await application.store.upsert(sampleFoods.map((food) => toDocument(food)));
  await application.engine.retrieve("pho");
  spans.length = 0;
  const fail = () => Promise.reject(new ServiceFaultError("embedded", "broken"));
  Object.assign(application.store, { query: fail, fetch: fail });
  await expect(application.engine.ask("What is pho?")).rejects.toThrow("broken");
  expect(spans.every(({ isOver }) => isOver)).toBe(true);
  expect(
    spans.filter(({ attributes }) => attributes["error.type"] === "service").map(({ name }) => name),
  ).toEqual(["ask", "retrieve"]);
  await application.close();
});

it("ignores a traceparent that is not well-formed", async () => {
  registerSdk();
  const { traceRequest } = await openTelemetryTracing();
  for (const value of ["", "00-xyz", `00-${"0".repeat(32)}-${"b".repeat(16)}-01`, `ff-${"a".repeat(32)}`]) {
    expect(traceRequest("GET", () => value).traceId).toBe("1".repeat(32));
  }
});
