import type { MiddlewareHandler } from "hono";
import { bindingsOf, type ServerEnvironment } from "../environment.ts";

/** Scripts and styles only from files of this service; no page may frame ours, no form leaves them. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = Object.entries({
  "Content-Security-Policy": contentSecurityPolicy,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  // Answers may hold texts that only the key may see; a route of public files sets its own.
  "Cache-Control": "no-store",
});

/** The headers of every answer, for a browser that shows it. HSTS belongs to the proxy that ends TLS. */
export const securityHeaders: MiddlewareHandler<ServerEnvironment> = async (context, next) => {
  const { outgoing } = bindingsOf(context);
  // Headers of the context are checked and copied for each answer; what a route sets there replaces these.
  if (outgoing === undefined) for (const [name, value] of headers) context.header(name, value);
  else for (const [name, value] of headers) outgoing.setHeader(name, value);
  await next();
};
