import type { MiddlewareHandler } from "hono";
import type { Admission } from "../admission.ts";
import type { ServerEnvironment } from "../environment.ts";

/** Admits a request to the work of this process, or refuses it with 503 before anything is done for it. */
export function limitWork(admission: Admission): MiddlewareHandler<ServerEnvironment> {
  return async (context, next) => {
    const slot = admission.enter();
    context.set("slot", slot);
    try {
      await admission.turn();
      await next();
    } finally {
      if (!slot.isStreaming) slot.release();
    }
  };
}
