import { isUtf8 } from "node:buffer";
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
  const encoding = req.header("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new HttpError(415, "content-encoding", `The body is encoded with ${encoding}, which is not read.`, {
      hint: "Send it without compression, and without the header Content-Encoding.",
    });
  }
  if (/\bjson\b/i.test(req.header("content-type") ?? "")) {
    // Decoders write U+FFFD in place of what is not UTF-8.
    requireUtf8(Buffer.from(await req.arrayBuffer()));
    requireExact(await req.text());
  }
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

/** @throws {HttpError} 400 with the place of the first byte that is not UTF-8 */
function requireUtf8(body: Buffer): void {
  if (isUtf8(body)) return;
  // The longest part from the beginning that is UTF-8, up to three bytes of an unfinished character less.
  let [valid, invalid] = [0, body.length];
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isUtf8Prefix(body.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  throw new HttpError(
    400,
    "request",
    `The body is not UTF-8: the byte at offset ${valid} cannot stand there.`,
    {
      hint: "Send JSON in UTF-8.",
    },
  );
}

/** Whether more bytes can make it UTF-8. */
function isUtf8Prefix(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
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
