import { isIPv6 } from "node:net";
import { type RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { HttpError, seconds } from "./http-error.ts";

/** Takes one request from a limit. @throws {HttpError} 429 with `Retry-After` if none is left */
export async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw new HttpError(429, "rate-limit", "Too many requests in one minute.", {
      headers: { "Retry-After": seconds(error.msBeforeNext) },
    });
  }
}

/** What limits by address count: an IPv4 address, or the network of an IPv6 address, whose 2^64 addresses one may use. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [left = "", right] = address.split("::");
  const before = left === "" ? [] : left.split(":");
  const after = right === undefined || right === "" ? [] : right.split(":");
  const zeros = right === undefined ? [] : Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}
