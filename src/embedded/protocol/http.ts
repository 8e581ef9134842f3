import { isUtf8 } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { dirname, sep } from "node:path";
import {
  AuthenticationError,
  FilterSyntaxError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  RagfoodError,
  ServiceError,
  StorageError,
} from "../../foundation/errors.ts";
import type { VectorIndex } from "../index/vector-index.ts";
import { dispatch, resolveTarget, type Target } from "./dispatch.ts";
import type { Faults } from "./faults.ts";

/** An index as it is served. */
export interface Mount {
  /** What its paths start with: `""` at the root, or `/dense`. */
  readonly path: string;
  readonly index: VectorIndex;
  readonly token: string;
  /** A token that allows reading alone. */
  readonly readOnlyToken: string;
  /** What shall go wrong, for tests. */
  readonly faults: Faults;
}

/** 1,000 vectors of 5,376 components in decimal come to about 60 MB. */
const maximumBodyBytes = 128 * 1024 * 1024;

const methods = new Set(["GET", "POST", "PUT", "DELETE"]);

/**
 * Serves indexes as Upstash Vector does: any of GET, POST, PUT and DELETE, each with a body, whatever
 * its content type; `{"result": …}`, or `{"error": …, "status": …}`.
 */
export function createIndexServer(served: readonly Mount[]): Server {
  // The index at /a/b is not that at /a.
  const mounts = [...served].sort((left, right) => right.path.length - left.path.length);
  return createServer((request, response) => {
    answer(mounts, request).then(
      (text) => send(response, 200, text),
      (error: unknown) => {
        const { retryAfterMs } = error as { retryAfterMs?: number };
        if (retryAfterMs !== undefined) response.setHeader("Retry-After", Math.ceil(retryAfterMs / 1_000));
        // Past a refusal the rest of the body is not wanted.
        if (!request.complete) response.setHeader("Connection", "close");
        const status = statusOf(error);
        const message = status === 500 ? faultText(error) : (error as Error).message;
        send(response, status, JSON.stringify({ error: message, status }));
      },
    );
  });
}

/** @returns the body of an answer with status 200 */
async function answer(mounts: readonly Mount[], request: IncomingMessage): Promise<string> {
  if (!methods.has(request.method ?? "")) {
    throw new InvalidRequestError("embedded", `Method ${request.method} is not allowed`, { status: 405 });
  }
  const url = request.url ?? "/";
  const mount = mounts.find(({ path }) => url.startsWith(`${path}/`));
  if (mount === undefined) throw new NotFoundError("embedded", `No index at ${url}`, { status: 404 });
  const access = accessOf(mount, request.headers.authorization);
  const [path = "", query = ""] = url.slice(mount.path.length).split("?", 2);
  const target = resolveTarget(decodePath(path).replace(/^\/+/, ""), query);
  if (access === "read" && target.definition.access === "write") {
    throw new ForbiddenError("embedded", `Forbidden: /${target.command} is not allowed`, { status: 403 });
  }
  const result = await dispatch(
    mount.index,
    mount.faults,
    target,
    parseBody(await readBody(request), target),
  );
  return toJson({ result });
}

/** @throws {InvalidRequestError} 413 for an answer that does not fit into a string */
function toJson(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (error) {
    throw new InvalidRequestError("embedded", "The answer is too large; ask for fewer records at once", {
      status: 413,
      cause: error,
    });
  }
}

function accessOf(mount: Mount, authorization: string | undefined): "read" | "write" {
  const token = /^Bearer\s+(.*)$/i.exec(authorization ?? "")?.[1] ?? "";
  if (isSame(token, mount.token)) return "write";
  if (isSame(token, mount.readOnlyToken)) return "read";
  throw new AuthenticationError("embedded", "Unauthorized: Invalid auth token", { status: 401 });
}

function isSame(given: string, expected: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Clients put a namespace into the path as it is, so a stray `%` stands for itself. */
function decodePath(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBodyBytes) {
      throw new InvalidRequestError("embedded", `The request body is larger than ${maximumBodyBytes} bytes`, {
        status: 413,
      });
    }
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (isUtf8(body)) return body.toString("utf8");
  throw new InvalidRequestError("embedded", "The request body is not valid UTF-8", { status: 400 });
}

function parseBody(text: string, target: Target): unknown {
  if (text.trim() === "") return undefined;
  const isDelete = target.command === "delete";
  try {
    const body: unknown = JSON.parse(text);
    // The Go client sends the id as it is, and an id may be a number or a word of JSON.
    return isDelete && (body === null || (typeof body !== "object" && typeof body !== "string"))
      ? text
      : body;
  } catch {
    if (isDelete) return text;
    throw new InvalidRequestError("embedded", "The request body is not valid JSON", { status: 400 });
  }
}

function statusOf(error: unknown): number {
  if (error instanceof ServiceError) return error.status ?? 500;
  return error instanceof FilterSyntaxError ? 422 : 500;
}

/** What we did not foresee is not told to the outside, nor where on this machine a file is. */
function faultText(error: unknown): string {
  if (!(error instanceof RagfoodError)) return "Internal server error";
  if (!(error instanceof StorageError)) return error.message;
  const directory = dirname(error.path);
  return error.message.replaceAll(`${directory}${sep}`, "").replaceAll(directory, "the directory");
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}
