import { describe, expect, it } from "vitest";
import { estimateCost } from "../../../src/operations/cost/estimate.ts";
import { planChoices } from "../../../src/operations/cost/plan-choice.ts";
import type { Workload } from "../../../src/operations/cost/workload.ts";
import { readPrices } from "../../../src/pricing/prices.ts";
import { project } from "../../helpers/project.ts";
import { runHere } from "../../helpers/run-here.ts";

const prices = readPrices();
const workload: Workload = {
  recordCount: 100_000,
  dimension: 1_024,
  contentBytesPerRecord: 1_000,
  namespaceCount: 1,
  queriesPerDay: 1_000,
  updatesPerDay: 0,
  topK: 3,
  carriesVectors: false,
};
const growth = { factor: 10, months: 12 };

describe("estimate of cost and capacity (OPS-6, OPS-8)", () => {
  it("prices 1,000 queries a day as 30,000 a month", () => {
    const { now } = estimateCost(prices, workload, growth);
    const payAsYouGo = now.plans.find(({ plan }) => plan === "pay-as-you-go");
    expect(payAsYouGo?.price?.requests).toBeCloseTo(0.12, 10);
    expect(now.cheapest).toBe("free");
  });

  it("says which limits growth breaks, at which size and when", () => {
    const { limits, grown } = estimateCost(prices, workload, growth);
    const [first] = limits;
    expect(first).toMatchObject({ plan: "free", limit: "components", maximum: 200_000_000 });
    expect(first?.factor).toBeCloseTo(200_000_000 / (100_000 * 1_024), 10);
    // By an equal share each month: 10^(m / 12) = 1.953.
    expect(10 ** ((first?.months ?? 0) / 12)).toBeCloseTo(first?.factor ?? 0, 6);
    expect(grown.cheapest).toBe("pay-as-you-go");
    expect(limits.filter(({ limit }) => limit === "dimension")).toEqual([]);
    expect(estimateCost(prices, { ...workload, dimension: 1_537 }, growth).limits).toContainEqual(
      expect.objectContaining({ plan: "free", limit: "dimension", months: 0 }),
    );
  });

  it("finds the traffic at which the cheapest plan changes, to the request", () => {
    // $60 buy 15,000,000 requests a month at $0.40 for 100,000: 500,000 a day. The plan fixed ends at 1,000,000.
    expect(planChoices(prices.upstash.plans, workload)).toEqual([
      { fromRequestsPerDay: 0, plan: "free" },
      { fromRequestsPerDay: 10_001, plan: "pay-as-you-go" },
      { fromRequestsPerDay: 500_001, plan: "fixed" },
      { fromRequestsPerDay: 1_000_001, plan: "pay-as-you-go" },
    ]);
    const tooMany = { ...workload, recordCount: 3_000_000 };
    expect(planChoices(prices.upstash.plans, tooMany)).toEqual([{ fromRequestsPerDay: 0, plan: undefined }]);
  });

  it("sizes a Chroma server as its makers measured: 245,000 records of 1,024 dimensions a gigabyte", () => {
    const { now, grown } = estimateCost(prices, { ...workload, recordCount: 245_000 }, growth);
    expect(now.chroma).toMatchObject({ memoryGigabytes: 2, machine: "t3.small", month: 15.936 });
    expect(grown.chroma.machine).toBe("t3.xlarge");
    const huge = estimateCost(prices, { ...workload, recordCount: 100_000_000 }, growth);
    expect(huge.now.chroma).toMatchObject({ machine: undefined, month: undefined });
  });
});

describe("ragfood cost", () => {
  it("estimates from stated numbers, without an index", async () => {
    const { directory } = project();
    const { code, out } = await runHere(["cost", "--records", "1000", "--json"], { directory });
    expect(code).toBe(0);
    const estimate = JSON.parse(out);
    expect(estimate.workload).toMatchObject({ recordCount: 1_000, dimension: 1_024, queriesPerDay: 1_000 });
    expect(estimate.pricesOf).toBe(prices.date);
  });

  it("measures the index of the settings, and says what it assumed", async () => {
    const { directory } = project();
    await runHere(["ingest"], { directory });
    const { out } = await runHere(["cost"], { directory });
    expect(out).toMatch(/^# Cost on Upstash Vector, at prices of /);
    expect(out).toMatch(/5 records of 1,024 dimensions and \d+ bytes of text and metadata each/);
    expect(out).toContain("the mean size of 5 records of the index");
    expect(out).toContain("**free** (cheapest)");
  });
});
