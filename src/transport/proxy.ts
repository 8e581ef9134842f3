import type { EnvHttpProxyAgent } from "undici";
import { isLoopback } from "./safe-url.ts";

/** The proxies that requests go through, as the variables of the same names have them. */
export interface ProxySettings {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  /** Hosts that are reached directly, with commas between; `*` for all. */
  readonly noProxy: string | undefined;
}

export type Fetch = typeof fetch;

/**
 * `fetch` through the proxies of the settings; this machine itself is always reached directly. Node.js 20 knows no
 * proxy by itself. The library is loaded with the first request that goes through one.
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
    // The built-in fetch takes a dispatcher of the library that it comes from, also of another version of it.
    const dispatcher: unknown = await agent;
    return await fetch(input, { ...init, dispatcher } as RequestInit);
  };
}

async function agentFor({ httpProxy, httpsProxy, noProxy }: ProxySettings): Promise<EnvHttpProxyAgent> {
  const { EnvHttpProxyAgent } = await import("undici");
  return new EnvHttpProxyAgent({
    // An empty text is no proxy; undefined would make the agent read the variables of the process.
    httpProxy: httpProxy ?? "",
    httpsProxy: httpsProxy ?? "",
    noProxy: noProxy ?? "",
    // Many proxies tunnel to port 443 alone; plain HTTP is forwarded.
    proxyTunnel: false,
  });
}
