import type { MiddlewareHandler } from "hono";
import type { Access } from "../access.ts";
import { clientAddress } from "../client-address.ts";
import { bindingsOf, type ServerEnvironment } from "../environment.ts";
import { HttpError } from "../http-error.ts";

/** Refuses requests under a foreign host name, and from addresses that are not allowed. */
export function checkConnection(access: Access): MiddlewareHandler<ServerEnvironment> {
  return async (context, next) => {
    const { incoming } = bindingsOf(context);
    const peer = incoming?.socket.remoteAddress ?? "";
    const address = clientAddress(peer, context.req.header("x-forwarded-for"), access.trustedProxies);
    context.set("address", address);
    const { hostname, protocol } = new URL(context.req.url);
    // A request target may be a whole URL, and differ from the header.
    const named = hostnameOf(context.req.header("host"), protocol) ?? hostname;
    for (const host of new Set([hostname, named])) {
      if (access.allowsHost(host)) continue;
      throw new HttpError(421, "host", `This service does not answer for the host ${host}.`, {
        hint: "Name it in SERVE_ALLOWED_HOSTS.",
      });
    }
    // Without a socket the caller is this process.
    if (incoming !== undefined && !access.allowsAddress(address)) {
      throw new HttpError(403, "address", "Requests from this address are not allowed.");
    }
    await next();
  };
}

function hostnameOf(host: string | undefined, protocol: string): string | undefined {
  if (host === undefined) return undefined;
  const url = `${protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).hostname : host;
}
