import type { HttpBindings } from "@hono/node-server";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Slot } from "./admission.ts";
import type { Caller } from "./caller.ts";

/** What a request carries through the middleware to its route. */
export interface ServerEnvironment {
  /** Read it with `bindingsOf`. */
  readonly Bindings: Partial<HttpBindings>;
  readonly Variables: {
    /** Also in the header `X-Request-Id` of the answer. */
    requestId: string;
    /** Who asks, and what they may do. */
    caller: Caller;
    /** The place among the requests that are worked on; only on routes that are limited. */
    slot: Slot | undefined;
  };
}

export type ServerApp = OpenAPIHono<ServerEnvironment>;
export type ServerContext = Context<ServerEnvironment>;

/** The request and the answer of the socket; none if the app is called in process, as tests do with `app.request()`. */
export function bindingsOf({ env }: ServerContext): Partial<HttpBindings> {
  return (env as Partial<HttpBindings> | undefined) ?? {};
}
