import { describeFailure } from "../foundation/describe-failure.ts";

/**
 * While something is served, an error that nothing caught is logged and does not end the process: the data is on disk,
 * and each request starts afresh.
 *
 * @param report called with the error and its causes
 * @returns puts the former handlers back
 */
export function keepServing(report: (failure: string) => void): () => void {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const restore = events.map((event) => {
    const former = process.listeners(event as "uncaughtException");
    const log = (error: unknown) => report(describeFailure(error));
    process.removeAllListeners(event).on(event, log);
    return () => {
      process.removeListener(event, log);
      for (const listener of former) process.on(event as "uncaughtException", listener);
    };
  });
  return () => {
    for (const undo of restore) undo();
  };
}
