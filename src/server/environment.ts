import type { HttpBindings } from "@hono/node-server";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Slot } from "./admission.ts";
import type { Caller } from "./caller.ts";

/** Filled while a request is answered. */
export interface RequestProgress {
  /** When the first text of a streamed answer was sent, on the clock of `performance`. */
  firstTextAt?: number;
  /** The `code` of the problem details that the client got. */
  code?: string;
  /** Why a stream ended that had begun with status 200. */
  streamError?: unknown;
  /** The client ended the connection before the answer was complete. */
  hasLeft?: boolean;
}

/** What a request carries through the middleware to its route. */
export interface ServerEnvironment {
  /** Read it with `bindingsOf`. */
  readonly Bindings: Partial<HttpBindings>;
  readonly Variables: {
    /** Also in the header `X-Request-Id` of the answer. */
    requestId: string;
    /** Of the client; behind a trusted proxy not that of the connection. Empty without a socket. */
    address: string;
    /** Who asks, and what they may do. */
    caller: Caller;
    /** What is known about the answer when it is over, for logs and metrics. */
    progress: RequestProgress;
    /** The place among the requests that are worked on; only on routes that are limited. */
    slot: Slot | undefined;
  };
}

export type ServerApp = OpenAPIHono<ServerEnvironment>;
export type ServerContext = Context<ServerEnvironment>;

/** The request and the answer of the socket; empty if the app is called in process, as tests do with `app.request()`. */
export function bindingsOf({ env }: ServerContext): Partial<HttpBindings> {
  return (env as Partial<HttpBindings> | undefined) ?? {};
}
