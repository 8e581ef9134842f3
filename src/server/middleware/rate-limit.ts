import type { MiddlewareHandler } from "hono";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { ServerEnvironment } from "../environment.ts";
import { consume } from "../rate.ts";

/**
 * Limits the requests a minute of each key; programs on this machine that need no key are not limited. The counts are
 * of this process: with several replicas a key has the limit in each. docs/service.md says why they are not shared.
 *
 * @param perMinute 0: no limit
 */
export function limitRate(perMinute: number): MiddlewareHandler<ServerEnvironment> {
  if (perMinute === 0) return (_, next) => next();
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return async (context, next) => {
    const { keyId } = context.get("caller");
    if (keyId !== undefined) await consume(limiter, keyId);
    await next();
  };
}
