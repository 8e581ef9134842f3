import { createParser } from "eventsource-parser";
import { useEffect, useState } from "preact/hooks";
import type { LoggedRequest } from "../../../src/embedded/data-session.ts";

/** Entries that are kept. */
const longestLog = 500;
/** Milliseconds before the log is opened again. */
const retryAfter = 2_000;

export interface RequestLog {
  /** The newest first. */
  readonly entries: readonly LoggedRequest[];
  readonly isConnected: boolean;
}

/** Follows the emulator's requests. `EventSource` cannot send a token, so the events are read from a `fetch`. */
export function useRequestLog(token: string): RequestLog {
  const [log, setLog] = useState<RequestLog>({ entries: [], isConnected: false });
  useEffect(() => {
    const controller = new AbortController();
    const add = (entries: readonly LoggedRequest[], before: RequestLog): RequestLog => ({
      entries: [...entries, ...before.entries].slice(0, longestLog),
      isConnected: true,
    });
    const parser = createParser({
      onEvent({ event, data }) {
        if (event === "recent")
          setLog(add((JSON.parse(data) as LoggedRequest[]).reverse(), { entries: [], isConnected: true }));
        else if (event === "request") setLog((before) => add([JSON.parse(data) as LoggedRequest], before));
      },
    });
    void follow(
      token,
      controller.signal,
      (text) => parser.feed(text),
      () => {
        parser.reset();
        setLog(({ entries }) => ({ entries, isConnected: false }));
      },
    );
    return () => controller.abort();
  }, [token]);
  return log;
}

async function follow(
  token: string,
  signal: AbortSignal,
  onText: (text: string) => void,
  onEnd: () => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch("./data/requests", {
        headers: { Authorization: `Bearer ${token}` },
        signal,
      });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (let read = await reader?.read(); read && !read.done; read = await reader?.read())
        onText(read.value);
    } catch {
      // The emulator ended or cannot be reached; it may come back.
    }
    if (signal.aborted) return;
    onEnd();
    await new Promise((resolve) => setTimeout(resolve, retryAfter));
  }
}
