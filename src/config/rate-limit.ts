import type { RateLimit } from "../transport/rate.ts";

const millisecondsOf = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const maximumCount = 1_000_000;
const longestIntervalMs = 86_400_000;

/**
 * Parses a limit like `100/60s`: a count, and an interval in `ms`, `s`, `m` or `h`; `10/s` means ten per second.
 * @returns the limit, or the problem with the text
 */
export function parseRateLimit(text: string): RateLimit | { readonly problem: string } {
  const parts = /^(\d+)\s*\/\s*(\d*)\s*(ms|s|m|h)$/i.exec(text.trim());
  if (!parts)
    return { problem: "has to be a number of requests and a span, like 100/60s (units: ms, s, m, h)" };
  const [, count = "", span, unit = ""] = parts;
  const limit = {
    count: Number(count),
    intervalMs: Number(span || "1") * millisecondsOf[unit.toLowerCase() as keyof typeof millisecondsOf],
  };
  if (limit.count < 1 || limit.count > maximumCount) {
    return { problem: `has to allow from 1 to ${maximumCount} requests` };
  }
  if (limit.intervalMs < 1 || limit.intervalMs > longestIntervalMs) {
    return { problem: "has to have a span from 1ms to 24h" };
  }
  return limit;
}
