import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  SpanKind,
  trace,
} from "@opentelemetry/api";
import { afterEach, describe, expect, it } from "vitest";
import { openTelemetry } from "../../src/transport/tracing.ts";
import { startServer } from "../helpers/http-server.ts";
import { failureOf } from "./failure-of.ts";
import { observedRequester } from "./requester.ts";

interface Recorded {
  name: string;
  kind: SpanKind | undefined;
  attributes: Attributes;
  status: unknown;
  parent: Context | undefined;
  ended: boolean;
}

/** An SDK that records spans, registered with the real API package. */
function recordSpans(): Recorded[] {
  const spans: Recorded[] = [];
  const noop = trace.getTracer("none").startSpan("none");
  trace.setGlobalTracerProvider({
    getTracer: () => ({
      startSpan(name, options, parent) {
        const span: Recorded = {
          name,
          kind: options?.kind,
          attributes: { ...options?.attributes },
          status: undefined,
          parent,
          ended: false,
        };
        spans.push(span);
        return Object.assign(Object.create(noop), {
          setAttribute: (key: string, value: string | number) => {
            span.attributes[key] = value;
          },
          setStatus: (status: unknown) => {
            span.status = status;
          },
          end: () => {
            span.ended = true;
          },
        });
      },
      startActiveSpan: () => {
        throw new Error("not used");
      },
    }),
  });
  return spans;
}

describe("tracing by OpenTelemetry (OPS-1)", () => {
  afterEach(() => {
    trace.disable();
    context.disable();
  });

  it("makes each attempt a separate span with its operation and outcome, and no secrets", async () => {
    const spans = recordSpans();
    const key = createContextKey("caller");
    const caller = context.active().setValue(key, "the caller's span");
    context.setGlobalContextManager({
      active: () => caller,
      with: (_, run, self, ...values) => run.apply(self as never, values),
      bind: (_, target) => target,
      enable() {
        return this;
      },
      disable() {
        return this;
      },
    });
    let count = 0;
    const { url } = await startServer((_, response) => {
      response.writeHead(++count === 1 ? 503 : 200).end('{"result":1}');
    });
    const { requester } = observedRequester(url, { tracing: openTelemetry() });
    await requester.request({
      path: ["upsert/private-namespace"],
      body: [{ id: "1", data: "a private text" }],
    });
    const common = {
      "db.system.name": "upstash.vector",
      "db.operation.name": "upsert",
      "http.request.method": "POST",
      "server.address": "127.0.0.1",
    };
    expect(spans.map(({ attributes }) => attributes)).toEqual([
      {
        ...common,
        "http.request.resend_count": 0,
        "http.response.status_code": 503,
        "error.type": "service",
      },
      { ...common, "http.request.resend_count": 1, "http.response.status_code": 200 },
    ]);
    expect(spans.map(({ status }) => status)).toEqual([{ code: 2 }, undefined]);
    for (const span of spans) {
      expect(span).toMatchObject({ name: "upsert", kind: SpanKind.CLIENT, ended: true });
      expect(span.parent?.getValue(key)).toBe("the caller's span");
    }
    expect(JSON.stringify(spans)).not.toMatch(/secret-token|private/);
  });

  it("ends the span of a request that never was answered", async () => {
    const spans = recordSpans();
    const { url } = await startServer((_, response) => response.socket?.destroy());
    const { requester } = observedRequester(url, { tracing: openTelemetry(), retry: { retries: 0 } });
    await failureOf(requester.request({ path: ["info"] }));
    expect(spans).toMatchObject([{ ended: true, attributes: { "error.type": "connection" } }]);
    expect(spans[0]?.attributes).not.toHaveProperty("http.response.status_code");
  });
});
