import { AsyncLocalStorage } from "node:async_hooks";

/** What every log line of a request carries. */
export interface RequestContext {
  readonly requestId: string;
  /** Of the trace that the request belongs to. */
  readonly traceId?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs the work of a request: log lines that it writes, however deep, carry the id of the request. */
export function runInRequest<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}
