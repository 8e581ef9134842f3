import { isIP } from "node:net";

/** Ollama's own port. */
const defaultPort = 11_434;

/**
 * The base URL that `OLLAMA_HOST` means, by Ollama's grammar (`envconfig.Host` of its source): the scheme
 * and the port may be missing, and so may the host before a port. Without a scheme the port is 11434; `http://` and
 * `https://` bring their own. An address to listen on (`0.0.0.0`, `::`) is reached at the loopback address.
 *
 * @example ollamaUrl(":8080") // http://127.0.0.1:8080
 * @returns undefined if the text is no such address
 */
export function ollamaUrl(text: string): string | undefined {
  const [, scheme = "", rest = ""] =
    /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(text.replace(/^["']|["']$/g, "")) ?? [];
  const protocol = scheme.toLowerCase() || "http://";
  if (protocol !== "http://" && protocol !== "https://") return undefined;
  const slash = rest.indexOf("/");
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? "" : rest.slice(slash);
  if (/[?#@\s]/.test(rest)) return undefined;
  const place = splitAuthority(authority);
  if (place === undefined) return undefined;
  const port = place.port ?? (scheme === "" ? defaultPort : undefined);
  const address = `${protocol}${reachable(place.host)}${port === undefined ? "" : `:${port}`}${path.replace(/\/+$/, "")}`;
  return URL.canParse(address) ? address : undefined;
}

function splitAuthority(authority: string): { host: string; port: number | undefined } | undefined {
  if (isIP(authority) === 6) return { host: authority, port: undefined };
  const [, host, digits] = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d+))?$/.exec(authority) ?? [];
  if (host === undefined) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ""), port };
}

function reachable(host: string): string {
  if (host === "" || host === "0.0.0.0") return "127.0.0.1";
  if (isIP(host) !== 6) return host;
  return host === "::" ? "[::1]" : `[${host}]`;
}
