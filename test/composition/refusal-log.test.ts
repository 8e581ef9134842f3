import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RefusalLog } from "../../src/composition/refusal-log.ts";
import { logRequest } from "../../src/composition/request-log.ts";
import type { Log } from "../../src/operations/logs/log.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function recordingLog() {
  const lines: [level: string, fields: object, message: string][] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push([level, fields, message]);
  const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  return { log: log as unknown as Log, lines };
}

const entry = {
  requestId: "r",
  method: "POST",
  route: "/api/ask",
  path: "/api/ask",
  milliseconds: 1,
  keyId: undefined,
  address: "192.0.2.7",
  hasLeft: false,
};

describe("the log of refused requests", () => {
  it("has one line for the first, and one for each ten seconds, however many there are", () => {
    const { log, lines } = recordingLog();
    const refusals = new RefusalLog(log);
    const refuse = (status: number, code: string, count: number) => {
      for (let each = 0; each < count; each++) {
        logRequest(log, refusals, { ...entry, status, code }, status === 503 ? "refused" : "client-error");
      }
    };
    refuse(503, "overloaded", 500);
    refuse(429, "rate-limit", 20);
    refuse(401, "unauthorized", 3);
    vi.advanceTimersByTime(10_000);
    refuse(503, "overloaded", 100);
    vi.advanceTimersByTime(10_000);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject([
      "warn",
      { code: "overloaded", address: "192.0.2.7" },
      "POST /api/ask 503",
    ]);
    expect(lines[1]).toEqual([
      "warn",
      { refused: { overloaded: 499, "rate-limit": 20, unauthorized: 3 } },
      "522 more requests refused within 10 seconds",
    ]);
    expect(lines[2]?.[1]).toEqual({ refused: { overloaded: 100 } });
  });

  it("starts again after ten seconds without a refusal, and is complete at the end", () => {
    const { log, lines } = recordingLog();
    const refusals = new RefusalLog(log);
    const refuse = () => logRequest(log, refusals, { ...entry, status: 503, code: "overloaded" }, "refused");
    refuse();
    vi.advanceTimersByTime(10_000);
    refuse();
    refuse();
    refusals.close();
    expect(lines.map(([, , message]) => message)).toEqual([
      "POST /api/ask 503",
      "POST /api/ask 503",
      "1 more request refused within 10 seconds",
    ]);
  });

  it("has a line for each failed request", () => {
    const { log, lines } = recordingLog();
    const refusals = new RefusalLog(log);
    for (let each = 0; each < 3; each++) logRequest(log, refusals, { ...entry, status: 500 }, "failed");
    expect(lines.map(([level]) => level)).toEqual(["error", "error", "error"]);
  });
});

describe("the log of answered requests", () => {
  it.each([
    ["/ask", "info"],
    ["/assets/ask-Ab1.js", "debug"],
    ["/readyz", "debug"],
  ])("writes %s at %s", (path, level) => {
    const { log, lines } = recordingLog();
    const route = path.startsWith("/assets/") ? "/*" : path;
    logRequest(log, new RefusalLog(log), { ...entry, method: "GET", path, route, status: 200 }, "answered");
    expect(lines.map(([written]) => written)).toEqual([level]);
  });
});
