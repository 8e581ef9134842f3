import type { EnvHttpProxyAgent } from "undici";
import { isLoopback } from "./safe-url.ts";

/** Proxies for requests, from the environment variables of the same names. */
export interface ProxySettings {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  /** Comma-separated hosts that are reached directly; `*` for all. */
  readonly noProxy: string | undefined;
}

export type Fetch = typeof fetch;

/**
 * `fetch` through the proxies of the settings; this machine is always reached directly. `fetch` in Node.js 20 ignores
 * proxy variables. The first proxied request loads the library.
 *
 * @param proxy undefined: every request goes directly
 */
export function proxiedFetch(proxy: ProxySettings | undefined): Fetch {
  if (proxy === undefined) return fetch;
  let agent: Promise<EnvHttpProxyAgent> | undefined;
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (isLoopback(url)) return await fetch(input, init);
    agent ??= agentFor(proxy);
    // The built-in fetch accepts a dispatcher from any version of undici.
    const dispatcher: unknown = await agent;
    return await fetch(input, { ...init, dispatcher } as RequestInit);
  };
}

async function agentFor({ httpProxy, httpsProxy, noProxy }: ProxySettings): Promise<EnvHttpProxyAgent> {
  const { EnvHttpProxyAgent } = await import("undici");
  return new EnvHttpProxyAgent({
    // An empty string means no proxy. With undefined the agent would read the environment variables.
    httpProxy: httpProxy ?? "",
    httpsProxy: httpsProxy ?? "",
    noProxy: noProxy ?? "",
    // Many proxies tunnel only to port 443, so plain HTTP is forwarded.
    proxyTunnel: false,
  });
}
