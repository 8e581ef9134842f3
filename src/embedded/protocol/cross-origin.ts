import type { IncomingMessage, ServerResponse } from "node:http";

/** Which pages of browsers may use the index: these origins, or `*` for any. */
export type AllowedOrigins = readonly string[];

/** Seconds that a browser remembers what it was allowed. */
const preflightAge = 600;

/**
 * Sets the headers that let a page of another origin read the answer. Any origin is safe as a default: no
 * cookie or network position gives access, only the token, which the page has to know.
 *
 * @returns whether the origin is allowed; true for a request without an origin
 */
export function allowOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  allowed: AllowedOrigins,
): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  const isAny = allowed.includes("*");
  if (!isAny) response.setHeader("Vary", "Origin");
  if (!isAny && !allowed.includes(origin)) return false;
  response.setHeader("Access-Control-Allow-Origin", isAny ? "*" : origin);
  response.setHeader("Access-Control-Expose-Headers", "Retry-After, X-Request-Id");
  return true;
}

/** Whether a browser asks what it may send before it sends it. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}

/** Answers the preflight of an origin that is allowed. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE");
  response.setHeader(
    "Access-Control-Allow-Headers",
    request.headers["access-control-request-headers"] ?? "Authorization, Content-Type",
  );
  response.setHeader("Access-Control-Max-Age", preflightAge);
  if (request.headers["access-control-request-private-network"] === "true") {
    response.setHeader("Access-Control-Allow-Private-Network", "true");
  }
  response.writeHead(204).end();
}
