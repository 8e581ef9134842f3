import { TimeoutError } from "../foundation/errors.ts";
import { bindingsOf, type ServerContext } from "./environment.ts";
import type { ServerLimits } from "./parts.ts";

/** Fires if the client leaves or the answer takes too long. Call `done` when the answer is complete. */
export interface RequestSignal {
  readonly signal: AbortSignal;
  readonly done: () => void;
}

export function requestSignal(context: ServerContext, { answerMs }: ServerLimits): RequestSignal {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new TimeoutError("ragfood", `No answer within ${answerMs} ms.`)),
    answerMs,
  );
  const forget = onLeave(context, () => controller.abort());
  return {
    signal: controller.signal,
    done: () => {
      clearTimeout(timer);
      forget();
    },
  };
}

/** Calls back when the client leaves. @returns ends that */
function onLeave(context: ServerContext, leave: () => void): () => void {
  const { outgoing } = bindingsOf(context);
  if (outgoing !== undefined) {
    // The signal of the request says the same, and is one more signal with its listeners.
    if (outgoing.destroyed) leave();
    else outgoing.once("close", leave);
    return () => outgoing.off("close", leave);
  }
  const client = context.req.raw.signal;
  if (client.aborted) leave();
  else client.addEventListener("abort", leave, { once: true });
  return () => client.removeEventListener("abort", leave);
}
