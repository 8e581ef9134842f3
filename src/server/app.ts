import { OpenAPIHono } from "@hono/zod-openapi";
import { Access } from "./access.ts";
import { Admission } from "./admission.ts";
import type { ServerApp, ServerContext, ServerEnvironment } from "./environment.ts";
import { authenticate } from "./middleware/authenticate.ts";
import { bodyLimit } from "./middleware/body-limit.ts";
import { checkConnection } from "./middleware/connection.ts";
import { checkOrigin } from "./middleware/cross-origin.ts";
import { exactRequest } from "./middleware/exact-request.ts";
import { observe } from "./middleware/observe.ts";
import { limitRate } from "./middleware/rate-limit.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { admitWork, refuseOverload } from "./middleware/work.ts";
import { notFoundError } from "./not-found.ts";
import { isOpenAiPath, openAiStatus, toOpenAiError } from "./openai/error.ts";
import type { ServerParts } from "./parts.ts";
import { describeProblem, problemType } from "./problem.ts";
import { askRoutes } from "./routes/ask.ts";
import { cutoverRoutes } from "./routes/cutover.ts";
import { dataRoutes } from "./routes/data.ts";
import { eventRoutes } from "./routes/events.ts";
import { feedbackRoutes } from "./routes/feedback.ts";
import { foodRoutes } from "./routes/foods.ts";
import { healthRoutes } from "./routes/health.ts";
import { incidentRoutes } from "./routes/incidents.ts";
import { mcpRoutes } from "./routes/mcp.ts";
import { metricRoutes } from "./routes/metrics.ts";
import { chatRoutes } from "./routes/openai-chat.ts";
import { embeddingRoutes } from "./routes/openai-embeddings.ts";
import { modelRoutes } from "./routes/openai-models.ts";
import { openApiRoutes } from "./routes/openapi.ts";
import { missingPage, pageRoutes } from "./routes/pages.ts";
import { searchRoutes } from "./routes/search.ts";
import { statusRoutes } from "./routes/status.ts";
import { ValidationError } from "./validation-error.ts";

/** Routes that search or generate: they take a place among the requests that are worked on. */
const workPaths = [
  "/api/ask",
  "/api/search",
  "/api/foods/*",
  "/api/index/*",
  "/api/stores/*",
  "/v1/*",
  "/mcp",
];

/**
 * The HTTP API, without a socket: `app.request("/healthz")` answers in process.
 *
 * To add a resource, write `routes/<resource>.ts` with `export function <resource>Routes(app, parts): void`, which
 * calls `app.openapi(createRoute({ … }), handler)`; put its schemas in `schemas/<resource>.ts`, and call it below. A
 * handler
 *
 * - calls `requireScope(context.get("caller"), "read")` first, and `namespaceFor` for the namespace of the request
 * - throws typed errors; `problem.ts` makes the answers of them
 * - passes `requestSignal(context, parts)` to everything that waits, and streams with `streamEvents`
 *
 * What a route needs is a property of `ServerParts`, which composition/service.ts fills.
 */
export function createServer(parts: ServerParts): ServerApp {
  const app: ServerApp = new OpenAPIHono<ServerEnvironment>({ defaultHook: rejectInvalid });
  app.onError((error, context) => answerProblem(context, error));
  app.notFound(
    (context) => missingPage(context, parts.pages) ?? answerProblem(context, notFoundError(app, context)),
  );
  const access = new Access(parts.access);
  const admission = new Admission(parts.limits);
  app.use(observe(parts), securityHeaders, checkConnection(access), checkOrigin(access));
  // Public: files and documents that are the same for everyone, and health checks.
  pageRoutes(app, parts.pages);
  healthRoutes(app, parts);
  openApiRoutes(app, parts);
  // From here on a caller is needed.
  for (const path of workPaths) app.use(path, refuseOverload(admission));
  app.use(authenticate(access), limitRate(parts.access.requestsPerMinute), bodyLimit(parts.limits.bodyBytes));
  for (const path of ["/api/*", "/v1/*"]) app.use(path, exactRequest);
  for (const path of workPaths) app.use(path, admitWork(admission));
  askRoutes(app, parts);
  searchRoutes(app, parts);
  foodRoutes(app, parts);
  feedbackRoutes(app, parts);
  chatRoutes(app, parts);
  modelRoutes(app, parts);
  embeddingRoutes(app, parts);
  mcpRoutes(app, parts);
  dataRoutes(app, parts);
  if (parts.cutover !== undefined) cutoverRoutes(app, parts.cutover);
  if (parts.watch !== undefined) {
    metricRoutes(app, parts.watch);
    statusRoutes(app, parts.watch);
    incidentRoutes(app, parts.watch);
    eventRoutes(app, parts.watch);
  }
  return app;
}

function answerProblem(context: ServerContext, error: unknown): Response {
  const { problem, headers } = describeProblem(error, context.get("requestId"));
  context.get("progress").code = problem.code;
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  if (isOpenAiPath(context.req.path)) {
    return context.json(toOpenAiError(problem), openAiStatus(problem) as 500);
  }
  context.header("Content-Type", problemType);
  return context.body(JSON.stringify(problem), problem.status as 500);
}

interface Invalid {
  readonly target: string;
  readonly success: boolean;
  readonly error?: { readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[] };
}

/** Called by each route before its handler. */
function rejectInvalid({ success, target, error }: Invalid): undefined {
  if (success) return undefined;
  const place = target === "json" ? "body" : target;
  throw new ValidationError(
    (error?.issues ?? []).map(({ path, message }) => ({
      path: [place, ...path.map(String)].join("."),
      message,
    })),
  );
}
