import type { IncomingMessage, ServerResponse } from "node:http";
import type { DataSession, LoggedRequest } from "../data-session.ts";
import { findAccess, type Tokens, unauthorized } from "./access.ts";
import type { RecentRequests } from "./recent-requests.ts";
import { requireOwnHost, requireOwnPage } from "./same-origin.ts";

/** The files of the data browser; `PageFiles` of `src/pages` is one. */
export interface PageSource {
  answer(request: {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingMessage["headers"];
  }):
    | {
        readonly status: number;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: Buffer | undefined;
      }
    | undefined;
}

export interface DataPageOptions {
  readonly pages: PageSource;
  readonly requests: RecentRequests;
  /** Host names that may stand in the address of the page, besides this machine's own. */
  readonly hostNames: ReadonlySet<string>;
}

interface ServedIndexTokens extends Tokens {
  readonly path: string;
}

const address = "/data";
/** A proxy closes a connection that is silent for a minute. Milliseconds. */
const heartbeatMs = 15_000;
/** Bytes that wait for a slow reader of the log; more entries are dropped. */
const maximumWaiting = 1_048_576;

/** Serves the data browser beside the indexes, and data that only the emulator has: its indexes and its log. */
export class DataPage {
  readonly #options: DataPageOptions;
  readonly #indexes: readonly ServedIndexTokens[];
  readonly #streams: Set<ServerResponse> = new Set();

  constructor(indexes: readonly ServedIndexTokens[], options: DataPageOptions) {
    this.#indexes = indexes;
    this.#options = options;
  }

  /**
   * Answers a request for the page; false if the request is for an index.
   * @throws {ForbiddenError} 403 if a page of another site caused the request
   * @throws {AuthenticationError} 401 without a token of an index
   */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const path = (request.url ?? "/").split("?", 1)[0] as string;
    const method = request.method ?? "";
    if (method !== "GET" && method !== "HEAD") return false;
    if (path === "/" && request.headers.accept?.includes("text/html")) {
      requireOwnHost(request, this.#options.hostNames);
      response.writeHead(302, { Location: address }).end();
      return true;
    }
    if (path === `${address}/session`) this.#sendSession(request, response);
    else if (path === `${address}/requests`) this.#sendRequests(request, response);
    else return this.#sendFile(request, response, path);
    return true;
  }

  /** Ends the live logs. */
  close(): void {
    for (const stream of this.#streams) stream.end();
  }

  #sendFile(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    const { method = "", headers } = request;
    const answer = this.#options.pages.answer({ method, path, headers });
    if (answer === undefined) return false;
    // A page that comes from another site is opened by a link, which is harmless: only the host counts.
    requireOwnHost(request, this.#options.hostNames);
    response.writeHead(answer.status, answer.headers).end(answer.body);
    return true;
  }

  #sendSession(request: IncomingMessage, response: ServerResponse): void {
    const indexes = this.#opened(request).map(({ path, access }) => ({
      name: path === "" ? "/" : path,
      base: path,
      access,
    }));
    const session: DataSession = { host: "emulator", indexes };
    response
      .writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" })
      .end(JSON.stringify(session));
  }

  /** The recent requests as one event, then each request when it ends (server-sent events). */
  #sendRequests(request: IncomingMessage, response: ServerResponse): void {
    const names = new Set(this.#opened(request).map(({ path }) => path || "/"));
    if (names.size === 0) throw unauthorized();
    const isOpen = ({ index }: LoggedRequest) => index === undefined || names.has(index);
    response.writeHead(200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no",
    });
    const send = (name: string, value: unknown) => {
      if (response.writableLength < maximumWaiting) {
        response.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
      }
    };
    send("recent", this.#options.requests.list().filter(isOpen));
    const unsubscribe = this.#options.requests.subscribe((entry) => {
      if (isOpen(entry)) send("request", entry);
    });
    const heartbeat = setInterval(() => response.write(":\n\n"), heartbeatMs).unref();
    this.#streams.add(response);
    response.once("close", () => {
      unsubscribe();
      clearInterval(heartbeat);
      this.#streams.delete(response);
    });
  }

  /** The indexes that the request's token opens. */
  #opened(request: IncomingMessage): { path: string; access: "read" | "write" }[] {
    requireOwnPage(request, this.#options.hostNames);
    return this.#indexes.flatMap((index) => {
      const access = findAccess(index, request.headers.authorization);
      return access === undefined ? [] : [{ path: index.path, access }];
    });
  }
}
