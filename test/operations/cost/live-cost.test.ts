import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type ApplicationObservers, createApplication } from "../../../src/composition/application.ts";
import { openCostControl } from "../../../src/composition/cost-control.ts";
import { readSettings } from "../../../src/config/settings.ts";
import { startEmulator } from "../../../src/embedded/emulator.ts";
import { BudgetError, SettingsError } from "../../../src/foundation/errors.ts";
import type { BudgetStatus } from "../../../src/operations/cost/budget.ts";
import { CostControl, type CostControlOptions } from "../../../src/operations/cost/cost-control.ts";
import { liveCost } from "../../../src/operations/cost/live-cost.ts";
import { CostMeter } from "../../../src/operations/cost/meter.ts";
import { readPrices } from "../../../src/pricing/prices.ts";
import type { CostCount } from "../../../src/state/cost-counters.ts";
import { billedFor } from "../../../src/store/metered-requester.ts";
import { runHere } from "../../helpers/run-here.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

const documents = Array.from({ length: 5 }, (_, place) => ({
  id: `d${place}`,
  text: `Dish ${place} with rice`,
  metadata: {},
}));

async function cloudSettings(environment: Record<string, string> = {}) {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  return readSettings({
    RAGFOOD_DIR: temporaryDirectory(),
    UPSTASH_VECTOR_REST_URL: emulator.url,
    UPSTASH_VECTOR_REST_TOKEN: emulator.token,
    ...environment,
  });
}

/** Counts as another process sees them. */
async function liveOf(settings: Awaited<ReturnType<typeof cloudSettings>>) {
  const control = openCostControl(settings, {});
  const live = await control.live();
  await control.close();
  return live;
}

/** Counts in memory, as the state keeps them. */
function memoryCounts() {
  const kept: CostCount[] = [];
  return {
    kept,
    add: async (counts: readonly CostCount[]) => {
      kept.push(...counts);
    },
    list: async ({ from }: { from: string }) => kept.filter(({ day }) => day >= from),
  };
}

function controlOf(options: Partial<CostControlOptions>): CostControl {
  const { date, upstash } = readPrices();
  const plan = upstash.plans.find(({ name }) => name === "pay-as-you-go")!;
  return new CostControl({ counts: memoryCounts(), prices: () => ({ plan, date }), ...options });
}

const budget = { dollars: undefined, requests: 100, action: "refuse" } as const;

describe("requests as Upstash bills them (OPS-6)", () => {
  it("counts an upsert and a delete by record, everything else once, and info not at all", () => {
    const billed = (path: string, body?: unknown, result?: unknown) => billedFor([path, "ns"], body, result);
    expect(billed("upsert", Array(1_000).fill({}))).toEqual({ kind: "upsert", requests: 1_000 });
    expect(billed("upsert-data", { id: "1" })).toEqual({ kind: "upsert", requests: 1 });
    expect(billed("delete", { ids: ["1", "2"] })).toEqual({ kind: "delete", requests: 2 });
    expect(billed("delete", { filter: "a = 1" }, { deleted: 7 })).toEqual({ kind: "delete", requests: 7 });
    expect(billed("delete", { prefix: "x" }, { deleted: 0 })).toEqual({ kind: "delete", requests: 1 });
    expect(billed("query", [{}, {}])).toEqual({ kind: "query", requests: 2 });
    expect(billed("query-data", {})).toEqual({ kind: "query", requests: 1 });
    expect(billed("fetch", { ids: ["1", "2"] })).toEqual({ kind: "fetch", requests: 1 });
    expect(billed("range", {})).toEqual({ kind: "range", requests: 1 });
    expect(billed("update", {})).toEqual({ kind: "update", requests: 1 });
    expect([billed("info"), billed("list-namespaces")]).toEqual([undefined, undefined]);
  });

  it("are counted durably by every application, through the official client", async () => {
    const settings = await cloudSettings();
    for (let run = 0; run < 2; run++) {
      const { store, close } = createApplication(settings);
      await store.upsert(documents);
      await store.query({ text: "rice", topK: 3 });
      await store.fetch(["d0", "d1"]);
      for await (const page of store.range({ pageSize: 3 })) expect(page.length).toBeGreaterThan(0);
      await store.delete({ ids: ["d0", "d1"] });
      await close();
    }
    const live = await liveOf(settings);
    expect(live.byKind).toEqual({ delete: 4, fetch: 2, query: 2, range: 4, upsert: 10 });
    expect(live).toMatchObject({ requests: 22, byStore: { upstash: 22 }, plan: "pay-as-you-go" });
    expect(live.price?.requests).toBeCloseTo((22 / 100_000) * 0.4, 12);
    expect(live.today).toEqual({ queries: 8, updates: 14, queryLimit: undefined, updateLimit: undefined });
  });

  it("come with what the index stores and with the bytes that move", async () => {
    const settings = await cloudSettings();
    const { store, close } = createApplication(settings);
    await store.upsert(documents);
    const { byteSize } = await store.info();
    await close();
    const live = await liveOf(settings);
    expect(live.storedBytes).toBe(byteSize);
    // The texts, at least.
    expect(live.movedBytes).toBeGreaterThan(JSON.stringify(documents).length);
    expect(live.byKind).toEqual({ upsert: 5 });
  });

  it("is priced with storage as a daily average, and bandwidth beyond what is free", () => {
    const gigabyte = 1024 ** 3;
    const count = { store: "upstash", requests: 0 };
    const counts = [
      { ...count, day: "2026-11-01", kind: "query", requests: 100_000 },
      { ...count, day: "2026-11-04", kind: "storage", bytes: 10 * gigabyte },
      { ...count, day: "2026-11-10", kind: "storage", bytes: 40 * gigabyte },
      { ...count, day: "2026-11-10", kind: "traffic", bytes: 300 * gigabyte },
    ];
    const time = Date.parse("2026-11-16T00:00:00Z");
    const { date, upstash } = readPrices();
    const plan = upstash.plans.find(({ name }) => name === "pay-as-you-go")!;
    const live = liveCost(counts, plan, date, { ...budget, requests: undefined, dollars: 5 }, time);
    // 6 days of 10 GB and 6 of 40 GB, at $0.25 for a GB of 30 days; 300 GB of which 200 are free, at $0.03.
    expect(live.price).toEqual({
      plan: 0,
      requests: expect.closeTo(0.4),
      storage: expect.closeTo((300 / 30) * 0.25),
      bandwidth: expect.closeTo(3),
      total: expect.closeTo(5.9),
    });
    expect(live.expectedDollars).toBeCloseTo(0.8 + 40 * 0.25 + 400 * 0.03);
    expect(live.budget).toMatchObject({ level: "spent" });
    expect(live).toMatchObject({ storedBytes: 40 * gigabyte, movedBytes: 300 * gigabyte, requests: 100_000 });
    expect(live.days.map(({ day }) => day)).toEqual(["2026-11-01"]);
  });

  it("do not fail with the state: the fault is reported once, and counts are kept for later", async () => {
    const faults: unknown[] = [];
    const added: CostCount[][] = [];
    let isBroken = true;
    const meter = new CostMeter({
      add: async (counts) => {
        if (isBroken) throw new Error("no state");
        added.push([...counts]);
      },
      onFlush: (error) => error !== undefined && faults.push(error),
    });
    meter.record("upstash", "query", 1);
    await meter.flush();
    meter.record("upstash", "query", 2);
    await meter.flush();
    expect(faults).toHaveLength(1);
    isBroken = false;
    await meter.close();
    expect(added).toEqual([[expect.objectContaining({ kind: "query", requests: 3 })]]);
  });
});

describe("the end of a process", () => {
  it("does not wait for a state that does not answer", async () => {
    const faults: unknown[] = [];
    const control = controlOf({
      counts: { ...memoryCounts(), add: () => new Promise(() => {}) },
      closeMs: 20,
      onFault: (error) => faults.push(error),
    });
    control.record("upstash", "query", 1);
    await control.close();
    expect(faults).toEqual([new Error("The state did not answer in time.")]);
  });

  it("says in a command that its requests were not counted, and does the work", async () => {
    const { directory, ...settings } = await cloudSettings();
    // A directory in the place of the file of the state.
    mkdirSync(join(directory, "state.sqlite3"));
    const environment = {
      RAGFOOD_DIR: directory,
      UPSTASH_VECTOR_REST_URL: settings.upstash?.url ?? "",
      UPSTASH_VECTOR_REST_TOKEN: settings.upstash?.token ?? "",
    };
    const { code, error } = await runHere(["list"], { directory, environment });
    expect(code).toBe(0);
    expect(error).toContain("Billed requests could not be counted: StateError");
  });
});

describe("ragfood cost --live", () => {
  it("shows the month, today and the budget; without a state it does not create one", async () => {
    const settings = await cloudSettings();
    const { directory } = settings;
    const environment = { RAGFOOD_DIR: directory, BUDGET_REQUESTS: "20", COST_PLAN: "free" };
    const missing = await runHere(["cost", "--live"], { directory, environment });
    expect(missing).toMatchObject({ code: 1, out: "" });
    expect(readdirSync(directory)).toEqual([]);
    const { store, close } = createApplication(settings);
    await store.upsert(documents);
    await close();
    const { out } = await runHere(["cost", "--live"], { directory, environment });
    expect(out).toContain("5 requests so far: $0.00");
    expect(out).toContain("| upsert | 5 |");
    expect(out).toContain("Today: 0 of 10,000 queries, 5 of 10,000 updates.");
    expect(out).toContain(
      "25 % of the budget of this month is spent: 5 of 20 requests. When it is spent: warn.",
    );
    const json = await runHere(["cost", "--live", "--json"], { directory, environment });
    expect(JSON.parse(json.out)).toMatchObject({ requests: 5, budget: { level: "within" } });
  });
});

describe("a budget (OPS-6)", () => {
  it("warns at 80 %, is spent at 100 %, and starts again with the month", async () => {
    let now = Date.UTC(2026, 10, 30);
    const seen: BudgetStatus[] = [];
    const control = controlOf({ budget, onBudget: (status) => seen.push(status), now: () => now });
    control.record("upstash", "query", 79);
    expect(seen).toEqual([]);
    control.record("upstash", "query", 1);
    control.record("upstash", "query", 19);
    await control.admit("upstash");
    control.record("upstash", "query", 1);
    expect(seen.map(({ level }) => level)).toEqual(["warning", "spent"]);
    expect(seen[1]?.sentence).toBe("100 % of the budget of this month is spent: 100 of 100 requests.");
    await expect(control.admit("upstash")).rejects.toThrow(BudgetError);
    now = Date.UTC(2026, 11, 1);
    await control.admit("upstash");
    control.record("upstash", "query", 1);
    expect(seen.at(-1)?.level).toBe("within");
    await control.close();
  });

  it("counts what other processes have spent", async () => {
    const counts = memoryCounts();
    const [one, other] = [controlOf({ counts, budget }), controlOf({ counts, budget })];
    one.record("upstash", "upsert", 100);
    await one.close();
    await expect(other.admit("upstash")).rejects.toThrow(/100 of 100 requests/);
  });

  it("lets requests pass if nothing is known of what was spent", async () => {
    const faults: unknown[] = [];
    const list = async () => {
      throw new Error("no state");
    };
    const control = controlOf({
      counts: { ...memoryCounts(), list },
      budget,
      onFault: (error) => faults.push(error),
    });
    await control.admit("upstash");
    await control.admit("upstash");
    expect(faults).toHaveLength(1);
  });

  it("refuses with the setting refuse: nothing is sent, and the error says what to do", async () => {
    const settings = await cloudSettings({ BUDGET_REQUESTS: "5", BUDGET_ACTION: "refuse" });
    const { store, close } = createApplication(settings);
    await store.upsert(documents);
    await expect(store.query({ text: "rice", topK: 1 })).rejects.toMatchObject({
      code: "budget",
      hint: expect.stringContaining("BUDGET_REQUESTS"),
    });
    expect((await store.info()).recordCount).toBe(5);
    await close();
    expect((await liveOf(settings)).byKind).toEqual({ upsert: 5 });
  });

  it("goes to the fallback store with the setting fallback", async () => {
    const settings = await cloudSettings({
      BUDGET_REQUESTS: "5",
      BUDGET_ACTION: "fallback",
      FALLBACK: "embedded",
    });
    const reasons: string[] = [];
    const observers: ApplicationObservers = { onFallback: ({ reason }) => reasons.push(reason) };
    const { store, secondary, close } = createApplication(settings, observers);
    await secondary?.upsert(documents);
    await store.upsert(documents);
    expect(await store.query({ text: "rice", topK: 1 })).toHaveLength(1);
    expect(reasons[0]).toContain("the budget of this month is spent: 5 of 5 requests");
    await close();
  });

  it("needs a limit, and a store to fall back to", () => {
    const read = (environment: Record<string, string>) => () => readSettings(environment);
    expect(read({ BUDGET_ACTION: "refuse" })).toThrow(/BUDGET_DOLLARS or BUDGET_REQUESTS is missing/);
    expect(read({ BUDGET_DOLLARS: "10", BUDGET_ACTION: "fallback" })).toThrow(/FALLBACK is missing/);
    expect(read({ BUDGET_DOLLARS: "ten" })).toThrow(SettingsError);
  });
});
