import type { Log } from "../operations/logs/log.ts";
import type { RequestOutcome } from "../operations/metrics/reports.ts";
import { redactor } from "../security/redactor.ts";
import type { RequestEntry } from "../server/parts.ts";
import { isRefusal, type RefusalLog } from "./refusal-log.ts";

/** Requests that come every few seconds and say nothing, while they succeed. */
const frequent = new Set(["/healthz", "/readyz", "/metrics", "/api/status", "/api/events"]);

/**
 * One line a request: no body, no query, no key. A failed request has its error with causes, without secrets. Refused
 * requests share lines.
 */
export function logRequest(
  log: Log,
  refusals: RefusalLog,
  entry: RequestEntry,
  outcome: RequestOutcome,
): void {
  if (isRefusal({ status: entry.status, outcome })) {
    refusals.note(entry.code ?? "unknown", () => writeLine(log, entry, outcome));
  } else writeLine(log, entry, outcome);
}

function writeLine(log: Log, entry: RequestEntry, outcome: RequestOutcome): void {
  const {
    requestId,
    traceId,
    method,
    path,
    route,
    status,
    milliseconds,
    firstTextMs,
    keyId,
    address,
    code,
    error,
  } = entry;
  const fields = {
    requestId,
    ...(traceId !== undefined && { traceId }),
    method,
    path,
    status,
    milliseconds: rounded(milliseconds),
    ...(firstTextMs !== undefined && { firstTextMs: rounded(firstTextMs) }),
    ...(keyId !== undefined && { key: keyId }),
    ...(address !== "" && { address }),
    ...(code !== undefined && { code }),
    ...(outcome === "answered" || outcome === "client-error" ? {} : { outcome }),
    ...(error !== undefined && { error: redactor.error(error) }),
  };
  const message = `${method} ${route} ${status}`;
  if (outcome === "failed") log.error(fields, message);
  else if (isRefusal({ status, outcome })) log.warn(fields, message);
  else if (outcome === "answered" && isUnremarkable(route, path)) log.debug(fields, message);
  else log.info(fields, message);
}

/** Files of pages come by the dozen with each page. */
function isUnremarkable(route: string, path: string): boolean {
  return frequent.has(route) || path.startsWith("/assets/");
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
