import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { ForbiddenError } from "../../foundation/errors.ts";

/**
 * Refuses a request that a page of another site caused: by its `Origin` and `Sec-Fetch-Site` (forged requests), or
 * by a name in `Host` that is not one of this server (DNS rebinding: the attacker's name points to this machine).
 * An address in `Host` is safe: nobody can let an address point elsewhere.
 *
 * @param names more host names of this server
 * @throws {ForbiddenError} 403
 */
export function requireOwnPage(request: IncomingMessage, names: ReadonlySet<string>): void {
  requireOwnHost(request, names);
  const { host = "", origin, ...headers } = request.headers;
  const site = headers["sec-fetch-site"] ?? "same-origin";
  const isForeign = origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host);
  if (isForeign || (site !== "same-origin" && site !== "none")) {
    throw refused("Only the page of this server may call this");
  }
}

/**
 * The same for a page that any other may link to: only the name in `Host` counts.
 * @throws {ForbiddenError} 403
 */
export function requireOwnHost({ headers }: IncomingMessage, names: ReadonlySet<string>): void {
  const { host = "" } = headers;
  if (isOwnHost(host, names)) return;
  throw refused(
    `The host ${JSON.stringify(host)} is not one of this server. Add its origin with --allow-origin`,
  );
}

function isOwnHost(host: string, names: ReadonlySet<string>): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[^:]*)(?::\d+)?$/i.exec(host)?.[1]?.toLowerCase();
  if (name === undefined || name === "") return false;
  if (isIP(name.replace(/^\[|\]$/g, "")) !== 0) return true;
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === hostname().toLowerCase() ||
    names.has(name)
  );
}

function refused(reason: string): ForbiddenError {
  return new ForbiddenError("embedded", reason, { status: 403 });
}
