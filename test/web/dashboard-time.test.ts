import { describe, expect, it, onTestFinished, vi } from "vitest";
import { withLocalTimes } from "../../web/components/format.ts";
import { lastDecision, marksOf, stepsOf } from "../../web/dashboard/cutover.ts";
import { rangeFor } from "../../web/dashboard/history.ts";
import { readHistory } from "../../web/dashboard/read-history.ts";
import { actionsOf } from "../../web/dashboard/stages.ts";
import { inStoreWords } from "../../web/dashboard/store-words.ts";

const now = Date.UTC(2026, 5, 10, 12, 0);

describe("times on the page Dashboard (OPS-3)", () => {
  it.each([
    [16, "1h"],
    [4 * 60, "6h"],
    [13 * 60, "24h"],
    [40 * 24 * 60, "24h"],
  ])("opens with a range that has data: %d minutes are measured, %s opens", (minutes, id) => {
    expect(rangeFor(new Date(now - minutes * 60_000).toISOString(), now).id).toBe(id);
  });

  const change = (event: string, minute: number) => ({
    time: new Date(now + minute * 60_000).toISOString(),
    event,
    what: event,
    by: "Ada",
    reason: null,
  });
  const history = [change("settle", 3), change("flip: target to source", 2), change("rollback: hold", 1)];

  it("takes the rollback for the last decision, and what followed for its result", () => {
    const found = lastDecision([...history, change("start: source to dual-write", 0)]);
    expect(found).toMatchObject({ kind: "rollback", change: { event: "rollback: hold" } });
    expect(found?.followed.map(({ event }) => event)).toEqual(["settle", "flip: target to source"]);
  });

  it("marks rollbacks and changes of the leader on the charts", () => {
    expect(marksOf(history).map(({ text }) => text)).toEqual(["flip: target to source", "rollback: hold"]);
  });

  it("shows one entry for a step of the cutover, with what the service did to carry it out", () => {
    const advance = [change("flip: canary to target", 1), change("advance: hold", 1), change("pause", 0)];
    const steps = stepsOf([...history, ...advance]);
    expect(steps.map(({ change: { event } }) => event)).toEqual(["rollback: hold", "advance: hold", "pause"]);
    expect(steps[1]?.followed.map(({ event }) => event)).toEqual(["flip: canary to target"]);
    expect(marksOf(advance).map(({ text }) => text)).toEqual(["advance: hold"]);
    expect(stepsOf(history.slice(0, 2)).map(({ change: { event } }) => event)).toEqual([
      "flip: target to source",
    ]);
  });

  it("leaves the minute that has begun out of the charts, and counts requests by the minute", async () => {
    const point = (minute: number, requests: number) => ({
      time: new Date(now + minute * 60_000).toISOString(),
      isGap: false,
      requests,
      failed: 0,
      refused: 0,
      fallbacks: 0,
      breakerOpens: 0,
    });
    const at = new Date(now + 21 * 60_000 + 30_000).toISOString();
    const body = {
      from: at,
      to: at,
      stepSeconds: 600,
      points: [point(0, 1_450), point(10, 1_400), point(20, 210), point(21, 57)],
    };
    vi.stubGlobal("fetch", async () => Response.json(body));
    vi.stubGlobal("sessionStorage", { getItem: () => null });
    onTestFinished(() => void vi.unstubAllGlobals());
    const range = { spanMs: 60 * 60_000, stepMs: 600_000 };
    const { requests, times } = await readHistory(range, new AbortController().signal);
    // Of a step that is not over, the part that is measured: 210 requests in 1.5 minutes.
    expect(requests).toEqual([145, 140, 140]);
    expect(times).toHaveLength(3);
  });

  it("shows the times of the service, which are in UTC, in the zone of the browser", () => {
    // What the page shows for an instant, whatever the zone of this machine is.
    const shown = (iso: string) => withLocalTimes(`since ${iso.slice(0, 16).replace("T", " ")} UTC`, now);
    const local = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
    expect(shown("2026-06-09T23:05:00Z")).toContain(local.format(Date.UTC(2026, 5, 9, 23, 5)));
    expect(withLocalTimes("since 12:05 UTC, reading from chroma", now)).toMatch(
      /^since .*, reading from chroma$/,
    );
    expect(withLocalTimes("No time at all", now)).toBe("No time at all");
  });
});

describe("the actions of a cutover", () => {
  const situation = { stage: "canary", isPaused: false, isChanging: false, isOpen: false } as const;

  it("offers no forced step while it is paused: the service refuses it", () => {
    expect(actionsOf(situation)).toContain("advance-anyway");
    expect(actionsOf({ ...situation, isPaused: true })).toEqual(["advance", "canary", "resume", "rollback"]);
    expect(actionsOf({ ...situation, stage: "target", isPaused: true })).not.toContain("finish-anyway");
  });
});

describe("words on the page Dashboard", () => {
  it.each([
    ["the follower lags by no more than 10 s", "source", "the new store lags by no more than 10 s"],
    ["the follower lags by no more than 10 s", "target", "the old store lags by no more than 10 s"],
    ["The target has led for 24 h", "target", "The new store has answered for 24 h"],
    ["16 ms, the source 1.3 ms", "source", "16 ms, the old store 1.3 ms"],
  ])("names the stores instead of their parts in the protocol: %s", (text, leader, words) => {
    expect(inStoreWords(text, leader)).toBe(words);
  });
});
