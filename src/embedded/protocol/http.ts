import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connectionCapacity } from "../../foundation/connection-capacity.ts";
import { describeFailure } from "../../foundation/describe-failure.ts";
import { ForbiddenError, InvalidRequestError, NotFoundError } from "../../foundation/errors.ts";
import { requireAccess, type Tokens } from "./access.ts";
import { answerCall, type CallPlace, type CallRelay } from "./answer-call.ts";
import { ConnectionLimit } from "./connections.ts";
import { type AllowedOrigins, allowOrigin, answerPreflight, isPreflight } from "./cross-origin.ts";
import type { DataPage } from "./data-page.ts";
import { resolveTarget } from "./dispatch.ts";
import { publicMessage, statusOf } from "./failure.ts";
import { writeForbidden } from "./faults.ts";
import { BodyReader } from "./request-body.ts";
import { logFailures, pathForLog, type RequestLog } from "./request-log.ts";

/** A served index. */
export interface Mount extends Tokens, CallPlace {
  /** The start of its paths: `""` at the root, or `/dense`. */
  readonly path: string;
  /** For some calls, if several processes serve the index. */
  readonly relay?: CallRelay | undefined;
}

export interface IndexServerOptions {
  /** Default: any, `["*"]`. */
  readonly allowedOrigins?: AllowedOrigins | undefined;
  /** Called once a request. Default: failures of the server itself go to standard error. */
  readonly log?: RequestLog | undefined;
  /** Default: what the limit of open files allows, up to 10,000. */
  readonly maximumConnections?: number | undefined;
  /** The data browser. Default: none. */
  readonly page?: DataPage | undefined;
}

/** The status in the log for a client that closed the connection before its request was complete; as nginx has it. */
const clientClosedRequest = 499;

const methods = new Set(["GET", "POST", "PUT", "DELETE"]);

/**
 * Serves indexes like Upstash Vector: GET, POST, PUT and DELETE, each with a body of any content type;
 * `{"result": …}`, or `{"error": …, "status": …}`.
 */
export function createIndexServer(served: readonly Mount[], options: IndexServerOptions = {}): Server {
  const server = createServer();
  const connections = new ConnectionLimit(server, options.maximumConnections ?? connectionCapacity());
  const handler = new RequestHandler(served, connections, options);
  return server.on("request", (request, response) => void handler.handle(request, response));
}

class RequestHandler {
  readonly #mounts: readonly Mount[];
  readonly #tokens: readonly string[];
  readonly #allowedOrigins: AllowedOrigins;
  readonly #log: RequestLog;
  readonly #connections: ConnectionLimit;
  readonly #page: DataPage | undefined;
  readonly #bodies: BodyReader = new BodyReader();

  constructor(
    served: readonly Mount[],
    connections: ConnectionLimit,
    { allowedOrigins = ["*"], log = logFailures, page }: IndexServerOptions,
  ) {
    this.#page = page;
    this.#connections = connections;
    // The index at /a/b is not that at /a.
    this.#mounts = [...served].sort((left, right) => right.path.length - left.path.length);
    this.#tokens = served.flatMap(({ token, readOnlyToken }) => [token, readOnlyToken]);
    this.#allowedOrigins = allowedOrigins;
    this.#log = log;
  }

  /** Answers a request and logs it; never throws. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const start = performance.now();
    const requestId = randomUUID();
    const url = request.url ?? "/";
    const mount = this.#mounts.find(({ path }) => url.startsWith(`${path}/`));
    let failure: unknown;
    try {
      response.setHeader("X-Request-Id", requestId);
      if (this.#page?.answer(request, response)) return;
      await this.#answer(request, response, { url, mount, requestId });
    } catch (error) {
      failure = error;
      sendFailure(request, response, error, requestId);
    }
    const hasLeft = request.destroyed && !request.complete;
    const status = hasLeft ? clientClosedRequest : response.statusCode;
    const isFault = status === 500 || status === 502;
    this.#log({
      requestId,
      method: request.method ?? "",
      path: pathForLog(url, this.#tokens),
      status,
      milliseconds: performance.now() - start,
      index: mount && (mount.path || "/"),
      ...(isFault && { failure: describeFailure(failure) }),
    });
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    { url, mount, requestId }: { url: string; mount: Mount | undefined; requestId: string },
  ): Promise<void> {
    this.#connections.check(request, response);
    const isAllowed = allowOrigin(request, response, this.#allowedOrigins);
    if (isPreflight(request)) {
      if (isAllowed) return answerPreflight(request, response);
      throw new ForbiddenError("embedded", `The origin ${request.headers.origin} is not allowed`, {
        status: 403,
      });
    }
    if (!methods.has(request.method ?? "")) {
      throw new InvalidRequestError("embedded", `Method ${request.method} is not allowed`, { status: 405 });
    }
    if (mount === undefined) throw new NotFoundError("embedded", `No index at ${url}`, { status: 404 });
    const access = requireAccess(mount, request.headers.authorization);
    const [path = "", query = ""] = url.slice(mount.path.length).split("?", 2);
    const target = resolveTarget(decodePath(path).replace(/^\/+/, ""), query);
    if (access === "read" && target.definition.access === "write") {
      throw writeForbidden(target.command);
    }
    const body = await this.#bodies.read(request);
    const { relay } = mount;
    const answer = relay?.takes(target)
      ? relay.answer(target, body, requestId)
      : answerCall(mount, target, body);
    send(response, 200, await answer);
  }
}

/** Clients do not encode the namespace in the path, so a stray `%` is literal. */
function decodePath(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

function sendFailure(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  requestId: string,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { retryAfterMs } = error as { retryAfterMs?: number };
  if (retryAfterMs !== undefined) response.setHeader("Retry-After", Math.ceil(retryAfterMs / 1_000));
  // After a refusal the rest of the body is not wanted.
  if (!request.complete) response.setHeader("Connection", "close");
  const status = statusOf(error);
  send(response, status, JSON.stringify({ error: publicMessage(error, requestId), status }));
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}
