import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/foundation/errors.ts";
import { breachesOf, describeBreach, type Holding, monthlyPrice } from "../../src/pricing/plan-cost.ts";
import { bytesPerGigabyte, type PlanName, planNames, readPrices } from "../../src/pricing/prices.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const prices = readPrices();

function plan(name: PlanName) {
  return prices.upstash.plans.find((one) => one.name === name)!;
}

const empty: Holding = { recordCount: 0, dimension: 0, namespaceCount: 1, contentBytes: 0, vectorBytes: 0 };
const idle = { queries: 0, updates: 0, bytes: 0 };

describe("the file of prices (OPS-6: prices are data, dated)", () => {
  it("has a date, sources and every plan once, cheapest first", () => {
    expect(prices.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(prices.sources.every(({ url }) => url.startsWith("https://"))).toBe(true);
    expect(prices.upstash.plans.map(({ name }) => name)).toEqual([...planNames]);
  });

  it("names every place of a file that does not fit", () => {
    const file = join(temporaryDirectory(), "prices.json");
    writeFileSync(file, JSON.stringify({ date: "yesterday", chroma: {} }));
    const read = () => readPrices(file);
    expect(read).toThrow(DataError);
    try {
      read();
    } catch (error) {
      const places = (error as DataError).faults.map(({ problem }) => problem.split(":")[0]);
      expect(places).toContain("date");
      expect(places).toContain("chroma.machines");
    }
    writeFileSync(file, "{");
    expect(read).toThrow(/cannot be read: line 1/);
  });
});

describe("the price of a month", () => {
  it("is 30 days of requests: 1,000 queries a day are 30,000 a month, not 30 million", () => {
    const price = monthlyPrice(plan("pay-as-you-go"), empty, { ...idle, queries: 1_000 });
    expect(price?.requests).toBeCloseTo((30_000 / 100_000) * 0.4, 10);
  });

  it("adds storage, and bandwidth beyond the 200 GB that are free", () => {
    const holding = { ...empty, contentBytes: bytesPerGigabyte, vectorBytes: 3 * bytesPerGigabyte };
    const traffic = { ...idle, bytes: 10 * bytesPerGigabyte };
    const price = monthlyPrice(plan("fixed"), holding, traffic);
    expect(price).toEqual({ plan: 60, requests: 0, storage: 1, bandwidth: 3, total: 64 });
    expect(monthlyPrice(plan("free"), holding, traffic)?.total).toBe(0);
  });

  it("is not known for a plan that is negotiated", () => {
    expect(monthlyPrice(plan("pro"), empty, idle)).toBeUndefined();
  });
});

describe("the limits of a plan", () => {
  it("allow their own value and nothing above it", () => {
    const full = { ...empty, recordCount: 195_312, dimension: 1_024, namespaceCount: 100 };
    expect(breachesOf(plan("free"), full, { ...idle, queries: 10_000, updates: 10_000 })).toEqual([]);
    const breaches = breachesOf(plan("free"), full, { ...idle, queries: 10_001 });
    expect(breaches.map(describeBreach)).toEqual(["10,001 queries a day, of 10,000"]);
  });
});
