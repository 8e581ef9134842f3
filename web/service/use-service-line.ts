import { useEffect, useState } from "preact/hooks";
import { cutoverOf } from "../dashboard/cutover.ts";
import { stageTitle } from "../dashboard/stages.ts";
import type { ServiceLine } from "../shell/shell.tsx";
import type { Status } from "./contract.ts";
import { problemOf, unreachable } from "./problem-error.ts";
import { requestJson } from "./request.ts";

/** Milliseconds between two looks at the status, for pages that do not show it live. */
const intervalMs = 30_000;

/** What the foot of the rail says about the service. */
export function useServiceLine(): ServiceLine {
  const [line, setLine] = useState<ServiceLine>({});
  useEffect(() => {
    const control = new AbortController();
    const read = () =>
      requestJson<Status>("./api/status", { role: "operate", signal: control.signal }).then(
        (status) => setLine(serviceLineOf(status)),
        (error: unknown) => {
          if (problemOf(error) === unreachable && !control.signal.aborted) {
            setLine((before) => ({ ...before, isUnreachable: true }));
          }
        },
      );
    void read();
    const timer = setInterval(read, intervalMs);
    return () => {
      control.abort();
      clearInterval(timer);
    };
  }, []);
  return line;
}

export function serviceLineOf({ reading, sections, version }: Status): ServiceLine {
  const stage = cutoverOf(sections.cutover)?.stage;
  return {
    version,
    ...(reading !== null && { store: reading }),
    ...(stage !== undefined && { stage: stageTitle(stage) }),
  };
}
