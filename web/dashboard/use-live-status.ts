import { useEffect, useState } from "preact/hooks";
import type { Problem, Status } from "../service/contract.ts";
import { eventStream } from "../service/event-stream.ts";
import { problemOf } from "../service/problem-error.ts";

export interface LiveStatus {
  /** The last status that arrived. */
  readonly status: Status | undefined;
  /** When it arrived: epoch milliseconds by the clock of this browser. */
  readonly arrivedAt: number | undefined;
  /** Why none arrives at present. */
  readonly problem: Problem | undefined;
  /** Connects at once, for example after a key was entered. */
  readonly reconnect: () => void;
}

/** Milliseconds before each new attempt. */
const waits = [500, 1_000, 2_000, 5_000];

/** Milliseconds without an event after which the connection counts as lost: the service sends one every 2 s. */
const silenceMs = 10_000;

/** The status of the service as it changes; reconnects until the page is left. */
export function useLiveStatus(): LiveStatus {
  const [status, setStatus] = useState<Status>();
  const [arrivedAt, setArrivedAt] = useState<number>();
  const [problem, setProblem] = useState<Problem>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const leave = new AbortController();
    void (async () => {
      for (let failures = 0; !leave.signal.aborted; failures++) {
        const silence = new AbortController();
        let timer = setTimeout(() => silence.abort(), silenceMs);
        try {
          const signal = AbortSignal.any([leave.signal, silence.signal]);
          for await (const { event, data } of eventStream("./api/events", { role: "operate", signal })) {
            clearTimeout(timer);
            timer = setTimeout(() => silence.abort(), silenceMs);
            if (event !== "status") continue;
            failures = 0;
            setStatus(data as Status);
            setArrivedAt(Date.now());
            setProblem(undefined);
          }
        } catch (error) {
          if (!leave.signal.aborted) setProblem(problemOf(error));
        } finally {
          clearTimeout(timer);
        }
        await pause(waits[Math.min(failures, waits.length - 1)] ?? 0, leave.signal);
      }
    })();
    return () => leave.abort();
  }, [attempt]);
  return { status, arrivedAt, problem, reconnect: () => setAttempt((before) => before + 1) };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
