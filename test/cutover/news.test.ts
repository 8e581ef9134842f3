import { describe, expect, it } from "vitest";
import { cutoverAlert, cutoverNews, rulesOfRollback } from "../../src/cutover/news.ts";
import type { CutoverOverview } from "../../src/cutover/operator.ts";
import type { RuleResult } from "../../src/cutover/watch/rules.ts";
import { type HistoryEntry, initialControl } from "../../src/state/cutover/rows.ts";

const slow: RuleResult = {
  name: "latency-p95",
  state: "broken",
  sentence: "95th percentile of latency of the target is 1,509 ms; the limit is 1,000 ms",
  value: 1_509,
  limit: 1_000,
};

const entry = (event: string, who: string): HistoryEntry => ({
  at: Date.UTC(2026, 10, 30, 10, 48, 57),
  epoch: 4,
  event,
  from: "canary",
  to: "source",
  leader: "source",
  who,
  reason: slow.sentence,
  evidence: "",
});

function news(change: Partial<CutoverOverview>, rollsBack = true) {
  const overview = {
    control: initialControl,
    rules: [],
    history: [],
    names: { source: "embedded", target: "upstash" },
    ...change,
  };
  return cutoverNews(overview, rollsBack);
}

describe("what a person has to know first of a cutover (OPS-3)", () => {
  it("is the rule that is broken while the target answers, and what follows", () => {
    const control = { ...initialControl, stage: "canary" as const };
    expect(news({ control, rules: [slow] })?.sentence).toBe(
      `1 rule of rollback broken: ${slow.sentence}. The cutover rolls back to embedded if the next look finds the same`,
    );
    expect(news({ control, rules: [slow] }, false)?.sentence).toContain("CUTOVER_ROLLBACK=report");
    expect(news({ rules: [slow] })).toBeUndefined();
  });

  it("is the rollback after which nothing was started, with who decided it and why", () => {
    const history = [entry("settle", "a worker"), entry("rollback", rulesOfRollback), entry("start", "ada")];
    expect(news({ history })).toEqual({
      kind: "rolled-back",
      sentence: `Rolled back from canary at 2026-11-30 10:48 UTC by the rules of rollback: ${slow.sentence}`,
      since: history[1]?.at,
      isAutomatic: true,
    });
    expect(news({ history: [entry("start", "ada"), ...history] })).toBeUndefined();
    expect(news({ history: [entry("rollback", "ada")] })?.isAutomatic).toBe(false);
  });
});

describe("the alert of a cutover (CUT-2)", () => {
  const rollback = entry("rollback", rulesOfRollback);
  const alert = (history: readonly HistoryEntry[], at = rollback.at, change: Partial<CutoverOverview> = {}) =>
    cutoverAlert({
      control: initialControl,
      history,
      at,
      names: { source: "embedded", target: "upstash" },
      evidence: { integrity: undefined },
      ...change,
    });

  it("lasts from a rollback by rules until a minute after it has settled, in every process", () => {
    expect(alert([rollback])).toEqual({
      sentence: `The cutover rolled back to embedded: ${slow.sentence}.`,
      hasIncident: true,
    });
    const settled = { ...entry("settle", "ragfood"), at: rollback.at + 15_000 };
    expect(alert([settled, rollback], settled.at + 59_999)?.hasIncident).toBe(true);
    expect(alert([settled, rollback], settled.at + 60_000)).toBeUndefined();
    // The settlement of an earlier cutover does not end it.
    const early = { ...settled, at: rollback.at - 600_000 };
    expect(alert([rollback, entry("start", "ada"), early])?.hasIncident).toBe(true);
    expect(alert([entry("start", "ada"), rollback])).toBeUndefined();
    expect(alert([entry("rollback", "ada")])).toBeUndefined();
  });

  it("names a store that lost its records, until the cutover is rolled back", () => {
    const lost = { side: "target", isLeading: false, namespace: "", held: 3, others: 765 } as const;
    const integrity = { lost } as CutoverOverview["evidence"]["integrity"];
    const evidence = { integrity } as CutoverOverview["evidence"];
    const control = { ...initialControl, stage: "canary" as const, isRecording: true };
    expect(alert([], 0, { control, evidence })?.sentence).toContain("the target has lost records");
    expect(alert([], 0, { evidence })).toBeUndefined();
  });
});
