import type { RequestEntry } from "../request-entry.ts";

export type RequestLog = (entry: RequestEntry) => void;

/** A shorter token may be part of an ordinary word. Characters. */
const longToken = 8;

/** A path is cut to this length. Characters. */
const longestPath = 200;

/** The path of a URL without its query string, and with no token that a client put there by mistake. */
export function pathForLog(url: string, tokens: Iterable<string>): string {
  const secrets = [...tokens];
  const isSecret = (segment: string) =>
    secrets.some((token) => segment === token || (token.length >= longToken && segment.includes(token)));
  const segments = (url.split("?", 1)[0] as string).split("/");
  const path = segments.map((segment) => (isSecret(segment) ? "[token]" : segment)).join("/");
  return path.length > longestPath ? `${path.slice(0, longestPath)}…` : path;
}

/** The default log: only failures of the server itself, one line each on standard error. */
export const logFailures: RequestLog = ({ requestId, method, path, failure }) => {
  if (failure === undefined) return;
  process.stderr.write(`ragfood emulator: request ${requestId} failed: ${method} ${path}: ${failure}\n`);
};
