import { useCallback } from "preact/hooks";
import { type Polled, usePolled } from "../components/use-polled.ts";
import type { History, Range } from "./history.ts";
import { readHistory } from "./read-history.ts";

/** Milliseconds between two reads. */
const intervalMs = 15_000;

/** What was measured over a range, read again as time goes on. */
export function useHistory({ spanMs, stepMs }: Pick<Range, "spanMs" | "stepMs">): Polled<History> {
  const read = useCallback(
    (signal: AbortSignal) => readHistory({ spanMs, stepMs }, signal),
    [spanMs, stepMs],
  );
  return usePolled(read, intervalMs);
}
