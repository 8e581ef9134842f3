import type { MiddlewareHandler } from "hono";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { isLoopbackAddress } from "../../foundation/addresses.ts";
import { type Access, isLoopbackHost } from "../access.ts";
import { type Caller, localCaller } from "../caller.ts";
import { isForwarded } from "../client-address.ts";
import { bindingsOf, type ServerContext, type ServerEnvironment } from "../environment.ts";
import { HttpError } from "../http-error.ts";
import { consume, networkOf } from "../rate.ts";
import { foreignOrigin } from "./cross-origin.ts";

/** Wrong tokens a minute from one network; more are answered with 429. */
const failuresPerMinute = 30;

const reasons = {
  unknown: "The key is not valid.",
  revoked: "The key was revoked.",
  expired: "The key was rotated, and the time for its former secret is over.",
};

/** How ragfood's own tokens begin. */
const ownToken = /^Bearer +ragfood_/i;

/**
 * Finds out who asks. A token of ragfood's form is always checked, so that a request with a wrong or revoked token is never treated as local.
 * Clients of other APIs send some token even if none is needed; from this machine it is ignored.
 */
export function authenticate(access: Access): MiddlewareHandler<ServerEnvironment> {
  const failures = new RateLimiterMemory({ points: failuresPerMinute, duration: 60 });
  return async (context, next) => {
    const authorization = context.req.header("authorization");
    const isLocal =
      (authorization === undefined || !ownToken.test(authorization)) && isFromHere(context, access);
    if (isLocal) context.set("caller", localCaller);
    else if (authorization === undefined) throw unauthorized("A key is needed.");
    else {
      const network = networkOf(context.get("address"));
      context.set("caller", await callerOf(authorization, network, access, failures));
    }
    await next();
  };
}

async function callerOf(
  authorization: string,
  network: string,
  { policy: { keys } }: Access,
  failures: RateLimiterMemory,
): Promise<Caller> {
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined || keys === undefined) throw unauthorized(reasons.unknown);
  // Looked up in any case: wrong keys of others behind the same address must not lock out a valid one.
  const verification = await keys.verify(token);
  if (verification.status !== "valid") {
    await consume(failures, network);
    throw unauthorized(reasons[verification.status]);
  }
  const { id, name, scopes, namespaces } = verification.key;
  return { keyId: id, keyName: name, scopes: new Set(scopes), namespaces };
}

/**
 * A reverse proxy on this machine connects from it as well, and its callers are elsewhere. So a caller is taken for
 * local only if nothing speaks against it: the service listens on this machine alone and has no trusted proxies, the
 * request has no header of a proxy, names this machine as its host, is of HTTP/1.1 (proxies often speak 1.0 to their
 * servers), and comes from no page of another site.
 */
function isFromHere(context: ServerContext, access: Access): boolean {
  if (!access.isOpenToLocal || isForwarded((name) => context.req.header(name))) return false;
  const { incoming } = bindingsOf(context);
  // Without a socket the caller is this process.
  if (incoming !== undefined && !isNearby(incoming.socket.remoteAddress, incoming.httpVersion)) return false;
  if (!isLoopbackHost(new URL(context.req.url).hostname)) return false;
  const origin = foreignOrigin(context);
  return origin === undefined || access.policy.allowedOrigins.includes(origin);
}

function isNearby(address: string | undefined, httpVersion: string): boolean {
  return address !== undefined && isLoopbackAddress(address) && httpVersion !== "1.0";
}

function unauthorized(message: string): HttpError {
  return new HttpError(401, "unauthorized", message, {
    hint: "Send the header Authorization: Bearer <key>. Make one: ragfood keys create <name>",
    headers: { "WWW-Authenticate": 'Bearer realm="ragfood"' },
  });
}
