import { UsageError } from "../foundation/errors.ts";
import { importOptional } from "../foundation/optional-package.ts";

/** The span of one attempt. */
interface AttemptSpan {
  /** @param error the `code` of an error; absent after a success */
  end(status: number | undefined, error?: string): void;
}

/** Starts the spans of one call. @param attempt from 1 */
export type CallTrace = (attempt: number) => AttemptSpan;

/** @param host of the service, without credentials */
export type Tracing = (endpoint: string, host: string) => Promise<CallTrace>;

/**
 * Traces through `@opentelemetry/api`, which the first call loads. Each attempt is a client span under the span that is
 * active when the call starts. Attribute names follow OpenTelemetry's semantic conventions for HTTP and database
 * clients. Attributes contain neither tokens nor texts.
 */
export function openTelemetry(): Tracing {
  let loading: Promise<typeof import("@opentelemetry/api")> | undefined;
  return async (endpoint, host) => {
    loading ??= loadOpenTelemetry();
    const { context, SpanKind, SpanStatusCode, trace } = await loading;
    const tracer = trace.getTracer("ragfood");
    // The queue may run a call in another call's context, so the parent is captured here.
    const parent = context.active();
    return (attempt) => {
      const attributes = {
        "db.system.name": "upstash.vector",
        "db.operation.name": endpoint,
        "http.request.method": "POST",
        "http.request.resend_count": attempt - 1,
        "server.address": host,
      };
      const span = tracer.startSpan(endpoint, { kind: SpanKind.CLIENT, attributes }, parent);
      return {
        end(status, error) {
          if (status !== undefined) span.setAttribute("http.response.status_code", status);
          if (error !== undefined) {
            span.setAttribute("error.type", error);
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        },
      };
    };
  };
}

/** @throws {UsageError} if the package is not installed */
export async function loadOpenTelemetry(): Promise<typeof import("@opentelemetry/api")> {
  try {
    return await importOptional("@opentelemetry/api");
  } catch (error) {
    throw new UsageError("TRACING=opentelemetry needs the package @opentelemetry/api.", {
      hint: "Run: npm install @opentelemetry/api",
      cause: error,
    });
  }
}
