type Fault = NodeJS.ErrnoException;

/** Output that may lose its reader or its disk while a command works. */
export interface GuardedOutput {
  /** Calls `listener` if standard output could not be written, now or later; not if its reader went away. */
  onFault(listener: (error: Fault) => void): void;
}

/**
 * Lets a command finish after its reader closed the pipe, as in `ragfood migrate verify --json | head -1`: the exit
 * code is a verdict, and a reader that goes away must not turn it into success. Output that cannot be written for
 * another reason, such as a full disk, is reported when the work is done.
 */
export function guardOutput(out: NodeJS.WriteStream, error: NodeJS.WriteStream): GuardedOutput {
  let fault: Fault | undefined;
  let report: ((error: Fault) => void) | undefined;
  out.on("error", (found: Fault) => {
    if (found.code === "EPIPE" || fault) return;
    fault = found;
    report?.(found);
  });
  // A closed standard error cannot be reported anywhere.
  error.on("error", () => {});
  return {
    onFault(listener) {
      if (fault) listener(fault);
      else report = listener;
    },
  };
}
