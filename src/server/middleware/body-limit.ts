import type { MiddlewareHandler } from "hono";
import { bodyLimit as limitStream } from "hono/body-limit";
import type { ServerEnvironment } from "../environment.ts";
import { HttpError } from "../http-error.ts";

/** Refuses a body that is too large: by its announced length, otherwise while it is read. */
export function bodyLimit(maximumBytes: number): MiddlewareHandler<ServerEnvironment> {
  const tooLarge = () => {
    throw new HttpError(
      413,
      "too-large",
      `The body is larger than ${maximumBytes.toLocaleString("en")} bytes.`,
    );
  };
  const limited = limitStream({ maxSize: maximumBytes, onError: tooLarge });
  return async (context, next) => {
    const length = context.req.header("content-length");
    if (context.req.header("transfer-encoding") !== undefined) return limited(context, next);
    // Node.js reads no more than the announced length.
    if (length !== undefined && Number(length) > maximumBytes) tooLarge();
    return next();
  };
}
