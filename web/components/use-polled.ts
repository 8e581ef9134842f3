import { useCallback, useEffect, useState } from "preact/hooks";

export interface Polled<Value> {
  /** The last value that arrived. */
  readonly value: Value | undefined;
  readonly error: unknown;
  /** Whether the first read has ended, well or not. */
  readonly isRead: boolean;
  /** Reads now. */
  readonly refresh: () => void;
}

/**
 * What a reader returns, read again at an interval. The reader has to stay the same function; without one nothing is
 * read.
 */
export function usePolled<Value>(
  read: ((signal: AbortSignal) => Promise<Value>) | undefined,
  intervalMs: number,
): Polled<Value> {
  const [state, setState] = useState<Omit<Polled<Value>, "refresh">>({
    value: undefined,
    error: undefined,
    isRead: false,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (read === undefined) return;
    const leave = new AbortController();
    const update = () =>
      read(leave.signal).then(
        (value) => setState({ value, error: undefined, isRead: true }),
        (error: unknown) => {
          if (!leave.signal.aborted) setState((before) => ({ ...before, error, isRead: true }));
        },
      );
    void update();
    const timer = setInterval(update, intervalMs);
    return () => {
      leave.abort();
      clearInterval(timer);
    };
  }, [read, intervalMs, turn]);
  const refresh = useCallback(() => setTurn((before) => before + 1), []);
  return { ...state, refresh };
}
