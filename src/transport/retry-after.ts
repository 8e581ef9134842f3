/**
 * Milliseconds to wait, from a Retry-After header: whole seconds or an HTTP date (RFC 9110, 10.2.3).
 * @param now the time in milliseconds that a date is compared with
 * @returns `undefined` where the header is absent or says nothing that can be read
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
