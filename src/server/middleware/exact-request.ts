import type { MiddlewareHandler } from "hono";
import { JsonError, parseJson } from "../../foundation/exact-json/index.ts";
import type { ServerEnvironment } from "../environment.ts";
import { HttpError } from "../http-error.ts";
import { ValidationError } from "../validation-error.ts";

/**
 * Refuses what the framework would change without a word: of a key that occurs twice it keeps the last value, so that
 * a filter would not filter, and a path with broken percent-encoding it takes as it is.
 */
export const exactRequest: MiddlewareHandler<ServerEnvironment> = async (context, next) => {
  const { req } = context;
  if (!isDecodable(new URL(req.url).pathname)) {
    throw new HttpError(400, "request", "The path has percent-encoding that is not UTF-8.");
  }
  if (/\bjson\b/i.test(req.header("content-type") ?? "")) requireExact(await req.text());
  await next();
};

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** @throws {ValidationError} */
function requireExact(text: string): void {
  try {
    parseJson(text, { largeIntegers: "bigint" });
  } catch (error) {
    // The route answers to what is not JSON.
    if (!(error instanceof JsonError) || error.kind === "syntax") return;
    throw new ValidationError([{ path: "body", message: error.message }]);
  }
}
