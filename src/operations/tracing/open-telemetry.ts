import type { Attributes, Context, Span as OtelSpan } from "@opentelemetry/api";
import { RagfoodError } from "../../foundation/errors.ts";
import type { Span, StartSpan } from "../../foundation/spans.ts";
import { loadOpenTelemetry } from "../../transport/tracing.ts";

type Api = typeof import("@opentelemetry/api");

/** The trace of one HTTP request to this service. */
interface RequestTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string | undefined;
  run<T>(work: () => T): T;
  end(result: { readonly route: string; readonly status: number; readonly error?: string }): void;
}

export interface Tracing {
  readonly startSpan: StartSpan;
  /** Continues the trace of the caller if it sent a `traceparent` (W3C Trace Context). */
  traceRequest(method: string, header: (name: string) => string | undefined): RequestTrace;
}

/**
 * Traces through `@opentelemetry/api`; the process registers the SDK. Spans hold neither texts nor tokens.
 * @throws {UsageError} if the package is not installed
 */
export async function openTelemetryTracing(): Promise<Tracing> {
  const api = await loadOpenTelemetry();
  const tracer = api.trace.getTracer("ragfood");
  return {
    startSpan: (name, attributes) =>
      wrap(api, tracer.startSpan(name, { kind: api.SpanKind.INTERNAL, ...(attributes && { attributes }) })),
    traceRequest: (method, header) => {
      const parent = parentOf(api, header);
      const attributes: Attributes = { "http.request.method": method };
      const span = tracer.startSpan(method, { kind: api.SpanKind.SERVER, attributes }, parent);
      const active = api.trace.setSpan(parent, span);
      return {
        traceId: traceIdOf(api, span),
        run: (work) => api.context.with(active, work),
        end: ({ route, status, error }) => {
          span.updateName(`${method} ${route}`);
          span.setAttributes({ "http.route": route, "http.response.status_code": status });
          if (error !== undefined) span.setAttribute("error.type", error);
          // A wrong request is no failure of this service.
          if (status >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
  };
}

function wrap(api: Api, span: OtelSpan): Span {
  const active = api.trace.setSpan(api.context.active(), span);
  return {
    run: (work) => api.context.with(active, work),
    set: (attributes) => void span.setAttributes(attributes),
    end: (error) => {
      if (error !== undefined) {
        span.setAttribute("error.type", error instanceof RagfoodError ? error.code : "unforeseen");
        span.setStatus({ code: api.SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}

/** What the SDK's propagator reads; without one, the header `traceparent` itself. */
function parentOf(api: Api, header: (name: string) => string | undefined): Context {
  const active = api.context.active();
  const extracted = api.propagation.extract(active, undefined, {
    get: (_, name) => header(name),
    keys: () => ["traceparent", "tracestate", "baggage"],
  });
  if (api.trace.getSpanContext(extracted) !== undefined) return extracted;
  const [, traceId, spanId, flags] = traceParent.exec(header("traceparent") ?? "") ?? [];
  const spanContext = {
    traceId: traceId ?? "",
    spanId: spanId ?? "",
    traceFlags: Number.parseInt(flags ?? "0", 16),
    isRemote: true,
  };
  return api.isSpanContextValid(spanContext) ? api.trace.setSpanContext(extracted, spanContext) : extracted;
}

const traceParent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function traceIdOf(api: Api, span: OtelSpan): string | undefined {
  const spanContext = span.spanContext();
  return api.isSpanContextValid(spanContext) ? spanContext.traceId : undefined;
}
