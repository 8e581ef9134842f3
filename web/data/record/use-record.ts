import { useEffect, useState } from "preact/hooks";
import { fetchRecord, type IndexRecord } from "../api/records.ts";
import type { OpenedIndex } from "../api/session.ts";

export type LoadedRecord =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly reason: string }
  | { readonly state: "missing" }
  | { readonly state: "loaded"; readonly record: IndexRecord };

/** Reads the whole record. @returns it, and a function that reads it again */
export function useRecord(index: OpenedIndex, namespace: string, id: string): [LoadedRecord, () => void] {
  const [loaded, setLoaded] = useState<LoadedRecord>({ state: "loading" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    setLoaded((before) =>
      before.state === "loaded" && before.record.id === id ? before : { state: "loading" },
    );
    fetchRecord(index.api, namespace, id, controller.signal).then(
      (record) => setLoaded(record ? { state: "loaded", record } : { state: "missing" }),
      (error: Error) => {
        if (!controller.signal.aborted) setLoaded({ state: "failed", reason: error.message });
      },
    );
    return () => controller.abort();
  }, [index, namespace, id, attempt]);
  return [loaded, () => setAttempt(attempt + 1)];
}
