import { useEffect, useState } from "preact/hooks";

/** The present time in epoch milliseconds, renewed at an interval: for ages that are shown. */
export function useNow(intervalMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs]);
  return now;
}
