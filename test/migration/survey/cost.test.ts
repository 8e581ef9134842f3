import { describe, expect, it } from "vitest";
import { costOf } from "../../../src/migration/survey/cost.ts";
import { planMarkdown, planMigration } from "../../../src/migration/survey/index.ts";
import { planFindings } from "../../../src/migration/survey/plan-findings.ts";
import { Survey } from "../../../src/migration/survey/survey.ts";
import { readPrices } from "../../../src/pricing/prices.ts";
import type { StoreInfo } from "../../../src/store/store.ts";
import { ListSource, openTarget, sampleRecords } from "../records.ts";

const gigabyte = 1024 ** 3;

const index: StoreInfo = {
  recordCount: 0,
  pendingCount: 0,
  byteSize: 0,
  type: "DENSE",
  dimension: 1_024,
  similarityFunction: "COSINE",
  embeddingModel: "",
  sparseEmbeddingModel: "",
  namespaces: { "": 0 },
};

function costs(recordCount: number, info: Partial<StoreInfo> = {}, textBytes = 0) {
  const sizes = { recordCount, textBytes, metadataBytes: 0, vectorBytes: recordCount * 4_096 };
  const options = { sizes, index: { ...index, ...info }, namespace: "foods", newCount: recordCount };
  const list = readPrices().upstash.plans.map((plan) => costOf(plan, options));
  return Object.fromEntries(list.map((cost) => [cost.plan, cost]));
}

describe("cost of a migration (OPS-6)", () => {
  it("charges a request for each record, one for each fetch, and storage by the gigabyte", () => {
    const { "pay-as-you-go": payAsYouGo, fixed, free, pro } = costs(1_000_000, {}, gigabyte);
    // 1,000,000 writes, 5,000 fetches of 200 and 1,000 pages of 1,000 ids, at $0.40 for 100,000.
    expect(payAsYouGo?.migrationPrice).toBeCloseTo(10.06 * 0.4, 10);
    expect(payAsYouGo?.monthlyPrice).toBeCloseTo((4_096e6 / gigabyte + 1) * 0.25, 10);
    expect(fixed?.monthlyPrice).toBeCloseTo(60 + (4_096e6 / gigabyte + 1) * 0.25, 10);
    expect(fixed).toMatchObject({ migrationPrice: 0, days: 1, breaches: [] });
    expect(free).toMatchObject({ migrationPrice: 0, monthlyPrice: 0, days: 100 });
    expect(pro).toMatchObject({ migrationPrice: undefined, monthlyPrice: undefined, days: 1 });
  });

  it("names the limits that a plan breaks, what the index holds already included", () => {
    const { free } = costs(100_000, { recordCount: 95_312 });
    expect(free?.breaches).toEqual([]);
    expect(costs(100_000, { recordCount: 95_313 }).free?.breaches).toEqual([
      "200,000,512 records times dimension, of 200,000,000",
    ]);
    expect(costs(10, { dimension: 1_537 }).free?.breaches).toEqual(["1,537 dimensions, of 1,536"]);
    const full = Object.fromEntries(Array.from({ length: 100 }, (_, place) => [`n${place}`, 1]));
    expect(costs(10, { namespaces: full }).free?.breaches).toEqual(["101 namespaces, of 100"]);
    expect(costs(10, { namespaces: { ...full, foods: 1 } }).fixed?.breaches).toEqual([]);
    expect(costs(10, {}, gigabyte + 1).free?.breaches).toHaveLength(1);
  });

  it("makes problems and warnings of the plan that the target is on", async () => {
    const cost = { ...costs(30_000).free!, breaches: ["101 namespaces, of 100"] };
    const findings = planFindings({
      description: await new ListSource([]).describe(),
      index,
      target: openTarget("carried"),
      survey: new Survey({ limits: [] }),
      present: 0,
      storeEmbeds: false,
      hasTemplate: false,
      acceptMetricChange: false,
      overwrite: false,
      droppedKeys: [],
      cost,
    });
    expect(findings.find(({ code }) => code === "plan-limit")?.level).toBe("problem");
    expect(findings.find(({ code }) => code === "plan-quota")?.message).toContain("over 3 days");
  });

  it("shows the costs of a cloud target, with the date of the prices", async () => {
    const { store, namespace } = openTarget("carried");
    const cloud = Object.assign(Object.create(store) as typeof store, { name: "upstash" });
    for (const method of ["info", "fetch"] as const)
      Object.assign(cloud, { [method]: store[method].bind(store) });
    const source = new ListSource(sampleRecords(5));
    const plan = await planMigration({ source, target: { store: cloud, namespace, embedding: "carried" } });
    expect(planMarkdown(plan)).toContain("## Cost on Upstash Vector (prices of 2026-08-21");
    expect(planMarkdown(plan)).toContain("| fixed | $0.00 | $60.00 | 1 | none |");
  });
});
