import type { MiddlewareHandler } from "hono";
import type { Access } from "../access.ts";
import type { ServerContext, ServerEnvironment } from "../environment.ts";
import { HttpError } from "../http-error.ts";

/** Methods that change nothing. */
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** Seconds that a browser remembers what it was allowed. */
const preflightAge = "600";

/**
 * Lets pages of allowed origins use the API (CORS), and refuses requests of all other pages that could change something
 * (CSRF): a browser sends them with its own position in the network, which on this machine needs no key.
 */
export function checkOrigin(access: Access): MiddlewareHandler<ServerEnvironment> {
  return async (context, next) => {
    const origin = foreignOrigin(context);
    if (origin === undefined) return await next();
    const isAllowed = origin !== "null" && access.allowsOrigin(origin);
    if (isAllowed) allow(context, origin);
    if (context.req.method === "OPTIONS" && context.req.header("access-control-request-method")) {
      if (!isAllowed) throw refusal(origin);
      return preflight(context);
    }
    if (!isAllowed && !safeMethods.has(context.req.method)) throw refusal(origin);
    await next();
  };
}

/** The origin of a page that is not ours; `null` if the browser does not name it; `undefined` without an origin. */
export function foreignOrigin({ req }: ServerContext): string | undefined {
  const origin = req.header("origin");
  if (origin !== undefined) {
    const isOwn = URL.canParse(origin) && new URL(origin).host === new URL(req.url).host;
    return isOwn ? undefined : origin;
  }
  const site = req.header("sec-fetch-site");
  return site === undefined || site === "same-origin" || site === "none" ? undefined : "null";
}

function allow(context: ServerContext, origin: string): void {
  context.header("Access-Control-Allow-Origin", origin);
  context.header("Access-Control-Expose-Headers", "Retry-After, X-Request-Id");
  context.header("Vary", "Origin");
  context.header("Cross-Origin-Resource-Policy", "cross-origin");
}

function preflight(context: ServerContext): Response {
  context.header("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE");
  context.header(
    "Access-Control-Allow-Headers",
    "Authorization, Content-Type, X-Request-Id, Mcp-Session-Id, Mcp-Protocol-Version",
  );
  context.header("Access-Control-Max-Age", preflightAge);
  return context.body(null, 204);
}

function refusal(origin: string): HttpError {
  const name = origin === "null" ? "another site" : `the origin ${origin}`;
  return new HttpError(403, "origin", `Pages of ${name} may not use this service.`, {
    hint: "Name the origin in SERVE_ALLOWED_ORIGINS.",
  });
}
