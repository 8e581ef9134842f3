import { UsageError } from "../foundation/errors.ts";
import { importOptional } from "../foundation/optional-package.ts";

/** One attempt, as a trace shows it. */
interface AttemptSpan {
  /** @param error the `code` of an error; absent after a success */
  end(status: number | undefined, error?: string): void;
}

/** Starts the spans of one call. @param attempt from 1 */
export type CallTrace = (attempt: number) => AttemptSpan;

/** @param host of the service, without credentials */
export type Tracing = (endpoint: string, host: string) => Promise<CallTrace>;

/**
 * Traces through `@opentelemetry/api`, which is loaded at the first call and not before. Each attempt is a client
 * span, child of whatever span is active where the call begins. Attribute names are those of OpenTelemetry's
 * semantic conventions for HTTP and database clients; neither tokens nor texts are among them.
 */
export function openTelemetry(): Tracing {
  let loading: Promise<typeof import("@opentelemetry/api")> | undefined;
  return async (endpoint, host) => {
    loading ??= load();
    const { context, SpanKind, SpanStatusCode, trace } = await loading;
    const tracer = trace.getTracer("ragfood");
    // The queue runs a call in the context of another, so that the parent is kept from here.
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

async function load(): Promise<typeof import("@opentelemetry/api")> {
  try {
    return await importOptional("@opentelemetry/api");
  } catch (error) {
    throw new UsageError("TRACING=opentelemetry needs the package @opentelemetry/api.", {
      hint: "Run: npm install @opentelemetry/api",
      cause: error,
    });
  }
}
