import type { ServerApp, ServerContext } from "./environment.ts";
import { HttpError } from "./http-error.ts";

const methods = ["GET", "POST", "PUT", "DELETE"];

/** 405 with the methods that the path has; 404 if it has none. */
export function notFoundError(app: ServerApp, { req }: ServerContext): HttpError {
  const routed = methods.filter((method) => hasRoute(app, method, req.path));
  // Routes of GET answer HEAD, too.
  const allowed = routed.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  // A route may have looked, and found nothing of that name.
  if (allowed.length === 0 || allowed.includes(req.method)) {
    return new HttpError(404, "not-found", `Nothing is at ${req.method} ${req.path}.`, {
      hint: "/openapi.json lists the routes.",
    });
  }
  return new HttpError(405, "method-not-allowed", `${req.path} does not take ${req.method}.`, {
    hint: `It takes ${allowed.join(", ")}.`,
    headers: { Allow: allowed.join(", ") },
  });
}

/** Middleware matches every method, a route only its own. */
function hasRoute({ router }: ServerApp, method: string, path: string): boolean {
  return router.match(method, path)[0].some(([[, route]]) => route.method === method);
}
