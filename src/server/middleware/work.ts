import type { MiddlewareHandler } from "hono";
import { CancelledError } from "../../foundation/errors.ts";
import type { Admission } from "../admission.ts";
import { bindingsOf, type ServerEnvironment } from "../environment.ts";

/** Refuses a request with 503 before anything is done for it, if the service has enough work. */
export function refuseOverload(admission: Admission): MiddlewareHandler<ServerEnvironment> {
  return async (_, next) => {
    admission.check();
    await next();
  };
}

/**
 * Admits a request to the work of this process, and waits until it is its turn. Its body is read before, so that a
 * client that sends slowly takes no place, and that all of the work is done in the turn.
 */
export function admitWork(admission: Admission): MiddlewareHandler<ServerEnvironment> {
  return async (context, next) => {
    // Kept by the context for the route.
    if (context.req.header("content-type") !== undefined) await context.req.text();
    const slot = admission.enter();
    context.set("slot", slot);
    try {
      await admission.turn();
      if (bindingsOf(context).outgoing?.destroyed) throw new CancelledError("The client has left.");
      await next();
    } finally {
      if (!slot.isStreaming) slot.release();
    }
  };
}
