import { describe, expect, it } from "vitest";
import { ServiceFaultError } from "../../../src/foundation/errors.ts";
import { type BenchSide, bench, benchMarkdown } from "../../../src/migration/bench/index.ts";
import { leaveOneOutQueries } from "../../../src/migration/compare/index.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import { filled, makeRecords, withMethod } from "../compare/stores.ts";

async function sides() {
  const records = makeRecords(30);
  const [source, target] = [(await filled(records)).store, (await filled(records)).store];
  const queries = await leaveOneOutQueries({ store: source }, { store: target }, { count: 30 });
  return { source, target, queries };
}

describe("bench (MIG-10)", () => {
  it("measures both sides in turn, the first one alternating, and leaves the warm-up out", async () => {
    const { source, target, queries } = await sides();
    const asked: string[] = [];
    const noted = (store: VectorStore, name: string) =>
      withMethod(store, "query", (...words) => {
        asked.push(name);
        return store.query(...words);
      });
    const report = await bench({
      source: { store: noted(source, "s") },
      target: { store: noted(target, "t") },
      queries,
      calls: 50,
      warmUp: 4,
    });
    expect(asked).toHaveLength(2 * 54);
    expect(asked.slice(0, 12).join("")).toBe("sttssttssttsst".slice(0, 12));
    for (const side of ["source", "target"] as const) {
      const { latency } = report.sides[side] as BenchSide;
      expect(latency).toMatchObject({ count: 50, errorCount: 0 });
      expect(latency.times?.p50).toBeGreaterThan(0);
      expect(latency.times?.maximum).toBeGreaterThanOrEqual(latency.times?.p99 ?? Number.NaN);
      expect(report.sides[side]?.verdicts.map(({ outcome }) => outcome)).toEqual([
        "met",
        "undecided",
        "undecided",
      ]);
    }
    expect(report).toMatchObject({ calls: 50, warmUp: 4, queries: 30 });
    expect(report.machine.after.load).toHaveLength(3);
    const text = benchMarkdown(report);
    expect(text.split("\n")[0]).toBe(
      "# Latency: source misses none of its objectives, as far as 50 calls can tell; target misses none of its objectives, as far as 50 calls can tell",
    );
    expect(text).toContain("a 99th percentile takes 299 calls that succeed; there are 50");
    expect(text).toMatch(/Measured on \d+ × .*load \d/);
  });

  it("counts failures as errors of their side, and misses the objective (MIG-10)", async () => {
    const { source, target, queries } = await sides();
    let calls = 0;
    const failing = withMethod(target, "query", async (...words) => {
      if (calls++ % 3 === 0) throw new ServiceFaultError("upstash", "out of order");
      return target.query(...words);
    });
    const report = await bench({
      source: { store: source },
      target: { store: failing },
      queries,
      warmUp: 0,
    });
    expect(report.sides.target.latency).toMatchObject({
      count: 30,
      errorCount: 10,
      errors: { "out of order": 10 },
    });
    expect(report.sides.source?.latency.errorCount).toBe(0);
    expect(report.sides.target.verdicts[2]?.outcome).toBe("missed");
    expect(benchMarkdown(report)).toContain("target misses its objectives");
  });

  it("measures only the target if nothing answers for the source", async () => {
    const { target, queries } = await sides();
    const report = await bench({ target: { store: target }, queries, warmUp: 2 });
    expect(report.sides.source).toBeUndefined();
    expect(report.sides.target.latency).toMatchObject({ count: 30, errorCount: 0 });
    const text = benchMarkdown(report);
    expect(text.split("\n")[0]).toBe(
      "# Latency: target misses none of its objectives, as far as 30 calls can tell",
    );
    expect(text).not.toMatch(/source/i);
  });

  it("holds both to objectives of the caller's", async () => {
    const { source, target, queries } = await sides();
    const objectives = { average: 0, p99: 0, errorRate: 0.5 };
    const report = await bench({ source: { store: source }, target: { store: target }, queries, objectives });
    expect(report.sides.source?.verdicts.map(({ outcome }) => outcome)).toEqual(["missed", "missed", "met"]);
  });

  it("stops for a caller who gives up, and refuses to measure nothing", async () => {
    const { source, target, queries } = await sides();
    const controller = new AbortController();
    const options = { source: { store: source }, target: { store: target }, signal: controller.signal };
    const running = bench({ ...options, queries, onProgress: () => controller.abort() });
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    await expect(bench({ ...options, queries: [] })).rejects.toMatchObject({ code: "usage" });
  });
});
