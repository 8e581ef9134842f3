/** The headers of an answer that are read here. */
export interface HeaderSource {
  get(name: string): string | null;
}

/** The three forms of an HTTP date (RFC 9110, 5.6.7); `Date.parse` also accepts text that is not a date, like "-5". */
const httpDates = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/**
 * Milliseconds that an answer asks the client to wait: `Retry-After-Ms`, or `Retry-After` in seconds or as an HTTP date
 * (RFC 9110, 10.2.3). A date is compared with the answer's `Date` header, so that a wrong local clock does no harm.
 *
 * @param now the time in milliseconds for an answer without a `Date`
 * @returns `undefined` if the header is missing or invalid; never negative or infinite
 */
export function parseRetryAfter(headers: HeaderSource, now: number): number | undefined {
  const milliseconds = parseCount(headers.get("retry-after-ms"));
  if (milliseconds !== undefined) return bounded(milliseconds);
  const header = headers.get("retry-after");
  const seconds = parseCount(header);
  if (seconds !== undefined) return bounded(seconds * 1_000);
  const date = parseHttpDate(header);
  if (date === undefined) return undefined;
  return Math.max(0, date - (parseHttpDate(headers.get("date")) ?? now));
}

/** Services also send fractions, although the standard allows only whole seconds. */
function parseCount(text: string | null): number | undefined {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function parseHttpDate(text: string | null): number | undefined {
  const trimmed = text?.trim() ?? "";
  if (!httpDates.some((form) => form.test(trimmed))) return undefined;
  const time = Date.parse(trimmed.endsWith("GMT") ? trimmed : `${trimmed} GMT`);
  return Number.isNaN(time) ? undefined : time;
}

function bounded(milliseconds: number): number {
  return Math.min(Math.ceil(milliseconds), Number.MAX_SAFE_INTEGER);
}
