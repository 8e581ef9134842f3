import { describe, expect, it } from "vitest";
import { type ChecklistFacts, evaluateChecklist } from "../../../src/operations/checklist/checklist.ts";
import type { CutoverFacts } from "../../../src/operations/checklist/cutover-facts.ts";
import type { MigrationFacts } from "../../../src/operations/checklist/migration-facts.ts";
import { liveCost } from "../../../src/operations/cost/live-cost.ts";
import { satisfactionOf } from "../../../src/operations/feedback/satisfaction.ts";
import type { ObjectiveRow } from "../../../src/operations/report/report.ts";
import { readPrices } from "../../../src/pricing/prices.ts";
import { chromaProject } from "../../cli/migrate-helpers.ts";
import { runHere } from "../../helpers/run-here.ts";

const now = Date.UTC(2026, 10, 30, 12);
const hourMs = 3_600_000;
const done = { status: "done", summary: "all well", measuredAt: "2026-11-30T10:00:00.000Z" } as const;

const migration: MigrationFacts = {
  name: "foods",
  isComplete: true,
  phases: { verify: done, compare: done, bench: done },
  verification: { isPassed: true, equalCount: 765, recordCount: 765, differenceCount: 0, omittedCount: 0 },
  writtenAt: Date.parse("2026-11-30T09:59:00.000Z"),
  workedMs: 3 * hourMs,
  hasOpenRun: false,
  finishedAt: Date.parse("2026-11-30T10:30:00.000Z"),
};

const rows: ObjectiveRow[] = [
  {
    name: "p99",
    title: "Latency, 99th percentile",
    unit: "milliseconds",
    comparison: "below",
    target: 2_000,
    value: 700,
    previous: undefined,
    outcome: "met",
  },
];

function facts(change: Partial<ChecklistFacts> = {}): ChecklistFacts {
  const plan = readPrices().upstash.plans[1]!;
  const budget = { dollars: 10, requests: undefined, action: "warn" } as const;
  const counts = [{ day: "2026-11-29", store: "upstash", kind: "query", requests: 100_000 }];
  return {
    now,
    migrations: [migration],
    cutover: undefined,
    objectives: {
      state: "measured",
      value: { requests: 1_000, coverage: 1, stepMinutes: 60, rows, points: [] },
    },
    satisfaction: {
      state: "measured",
      value: {
        ...satisfactionOf([{ day: "2026-11-29", up: 9, down: 1 }]),
        previousShare: undefined,
        comments: [],
      },
    },
    cost: liveCost(counts, plan, "2026-08-21", budget, now),
    minimumSatisfaction: 0.8,
    ...change,
  };
}

function resultsOf(change: Partial<ChecklistFacts>): Record<string, string> {
  const { criteria } = evaluateChecklist(facts(change));
  return Object.fromEntries(criteria.map(({ id, result }) => [id, result]));
}

function ofMigration(change: Partial<MigrationFacts>): Record<string, string> {
  return resultsOf({ migrations: [{ ...migration, ...change }] });
}

const missing = { state: "missing", reason: "nothing", remedy: "x" } as const;

describe("the success checklist of the migration (OPS-9)", () => {
  it("passes if every criterion has its evidence", () => {
    const { isPassed, criteria } = evaluateChecklist(facts());
    expect(criteria.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "integrity pass",
      "parity pass",
      "speed pass",
      "time pass",
      "objective-p99 pass",
      "cost pass",
      "satisfaction pass",
    ]);
    expect(isPassed).toBe(true);
    expect(criteria[0]).toMatchObject({
      evidence: "765 of 765 records are equal, 0 differences.",
      measuredAt: done.measuredAt,
      command: "ragfood migrate run",
    });
  });

  it("knows nothing without records, and passes nothing", () => {
    const change = { migrations: [], objectives: missing, satisfaction: missing, cost: undefined };
    expect(new Set(Object.values(resultsOf(change)))).toEqual(new Set(["unknown"]));
    expect(evaluateChecklist(facts(change)).isPassed).toBe(false);
  });

  it("includes the cutover: its comparison, its gates, and whether the target leads", () => {
    const fact = { isGood: true, evidence: "all well", measuredAt: done.measuredAt };
    const cutover: CutoverFacts = {
      stage: "target",
      since: done.measuredAt,
      hasMoved: true,
      fit: fact,
      integrity: fact,
      parity: fact,
      copiedWithinMs: hourMs,
      forced: [],
    };
    const moved = resultsOf({ migrations: [], cutover });
    expect(new Set(Object.values(moved))).toEqual(new Set(["pass"]));
    expect(Object.keys(moved)).not.toContain("integrity");
    const of = (change: Partial<CutoverFacts>) => resultsOf({ cutover: { ...cutover, ...change } });
    expect(of({ integrity: undefined })["cutover-integrity"]).toBe("unknown");
    expect(of({ integrity: { ...fact, isGood: false } })["cutover-integrity"]).toBe("fail");
    expect(of({ forced: ["advance: shadow-read to canary, forced"] })["cutover-gates"]).toBe("fail");
    expect(of({ hasMoved: undefined, stage: "canary" })["cutover-stage"]).toBe("unknown");
    expect(of({ hasMoved: false, stage: "source" })["cutover-stage"]).toBe("fail");
    // A migration keeps its own criteria.
    expect(Object.keys(of({}))).toEqual(expect.arrayContaining(["integrity", "speed", "cutover-fit"]));
  });

  it("demands that every record is equal, and that nothing was written after the comparison", () => {
    const verified = {
      isPassed: true,
      equalCount: 764,
      recordCount: 765,
      differenceCount: 1,
      omittedCount: 0,
    };
    expect(ofMigration({ verification: verified }).integrity).toBe("fail");
    const omitting = { isPassed: true, equalCount: 9, recordCount: 9, differenceCount: 0, omittedCount: 1 };
    expect(ofMigration({ verification: omitting }).integrity).toBe("fail");
    expect(ofMigration({ writtenAt: Date.parse(done.measuredAt) + 1 }).integrity).toBe("unknown");
    expect(ofMigration({ verification: undefined, phases: {} })).toMatchObject({
      integrity: "unknown",
      parity: "unknown",
      speed: "unknown",
    });
    expect(
      ofMigration({ phases: { ...migration.phases, compare: { ...done, status: "failed" } } }).parity,
    ).toBe("fail");
    expect(
      ofMigration({ phases: { ...migration.phases, bench: { ...done, status: "skipped" } } }).speed,
    ).toBe("unknown");
  });

  it("takes four hours of work as the limit, and does not guess the time of a killed run", () => {
    expect(ofMigration({ workedMs: 4 * hourMs }).time).toBe("fail");
    expect(ofMigration({ isComplete: false }).time).toBe("unknown");
    expect(ofMigration({ hasOpenRun: true }).time).toBe("unknown");
  });

  it("judges cost at the rate of the month, and satisfaction by enough votes", () => {
    const plan = readPrices().upstash.plans[1]!;
    const costOf = (dollars: number) => {
      const counts = [{ day: "2026-11-29", store: "upstash", kind: "query", requests: 10_000_000 }];
      return liveCost(counts, plan, "", { dollars, requests: undefined, action: "warn" }, now);
    };
    expect(resultsOf({ cost: costOf(100) }).cost).toBe("pass");
    expect(resultsOf({ cost: costOf(40.1) }).cost).toBe("fail");
    expect(resultsOf({ cost: { ...costOf(100), budget: undefined } }).cost).toBe("unknown");
    const votes = (up: number, down: number) => {
      const value = {
        ...satisfactionOf([{ day: "2026-11-29", up, down }]),
        previousShare: undefined,
        comments: [],
      };
      return resultsOf({ satisfaction: { state: "measured", value } }).satisfaction;
    };
    expect([votes(8, 2), votes(7, 3), votes(9, 0)]).toEqual(["pass", "fail", "unknown"]);
  });

  it("has a criterion for each of several migrations", () => {
    const results = resultsOf({
      migrations: [migration, { ...migration, name: "notes", isComplete: false }],
    });
    expect(results).toMatchObject({ "time: foods": "pass", "time: notes": "unknown" });
  });
});

describe("ragfood checklist", () => {
  it("reads the ledger of a real migration, and fails while evidence is missing", async () => {
    const directory = chromaProject(20);
    const nothing = await runHere(["checklist"], { directory });
    expect(nothing.code).toBe(1);
    expect(nothing.out).toContain("No migration is recorded in this project.");
    const words = ["migrate", "run", "--from", "chroma_db", "--to", "embedded:index", "--vectors", "keep"];
    await runHere(words, { directory });
    const { code, out } = await runHere(["checklist", "--json"], { directory });
    expect(code).toBe(1);
    const { isPassed, criteria } = JSON.parse(out);
    expect(isPassed).toBe(false);
    const of = (id: string) => criteria.find((one: { id: string }) => one.id === id);
    expect(of("integrity")).toMatchObject({
      result: "pass",
      evidence: "20 of 20 records are equal, 0 differences.",
    });
    expect(of("time")).toMatchObject({ result: "pass" });
    expect(of("satisfaction")).toMatchObject({ result: "unknown" });
    const unknown = await runHere(["checklist", "--name", "other"], { directory });
    expect(unknown).toMatchObject({ code: 2 });
  });
});
