import { TimeoutError } from "../foundation/errors.ts";
import type { ServerContext } from "./environment.ts";
import type { ServerLimits } from "./parts.ts";

/** Fires if the client leaves or the answer takes too long. Call `done` when the answer is complete. */
export interface RequestSignal {
  readonly signal: AbortSignal;
  readonly done: () => void;
}

export function requestSignal({ req }: ServerContext, { answerMs }: ServerLimits): RequestSignal {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new TimeoutError("ragfood", `No answer within ${answerMs} ms.`)),
    answerMs,
  );
  const leave = () => controller.abort();
  const client = req.raw.signal;
  if (client.aborted) leave();
  else client.addEventListener("abort", leave, { once: true });
  return {
    signal: controller.signal,
    done: () => {
      clearTimeout(timer);
      client.removeEventListener("abort", leave);
    },
  };
}
