import { describe, expect, it } from "vitest";
import { lastDecision, marksOf } from "../../web/dashboard/cutover.ts";
import { rangeFor } from "../../web/dashboard/history.ts";

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
});
