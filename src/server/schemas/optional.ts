import type { z } from "@hono/zod-openapi";

/**
 * A property of an answer that may be absent, and is never `undefined`. Zod's own `exactOptional` refuses `undefined`,
 * which the OpenAPI document takes for a property that every answer has.
 */
export function optional<Schema extends z.ZodType>(schema: Schema): z.ZodExactOptional<Schema> {
  return schema.optional() as unknown as z.ZodExactOptional<Schema>;
}
