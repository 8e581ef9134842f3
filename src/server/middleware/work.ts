import type { MiddlewareHandler } from "hono";
import type { Admission } from "../admission.ts";
import type { ServerEnvironment } from "../environment.ts";

/** Admits a request to the work of this process, or refuses it with 503 before anything is done for it. */
export function admitWork(admission: Admission): MiddlewareHandler<ServerEnvironment> {
  return async (context, next) => {
    const slot = admission.enter();
    context.set("slot", slot);
    try {
      await next();
    } finally {
      if (!slot.isStreaming) slot.release();
    }
  };
}

/** Waits until it is the turn of an admitted request. */
export function takeTurn(admission: Admission): MiddlewareHandler<ServerEnvironment> {
  return async (_, next) => {
    await admission.turn();
    await next();
  };
}
