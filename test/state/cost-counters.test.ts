import { expect, it } from "vitest";
import { CostCounterRepository } from "../../src/state/cost-counters.ts";
import { describeOnEachStore } from "./contract.ts";

describeOnEachStore("counters of billed requests (OPS-6)", (create) => {
  it("add up over processes, by day, store and kind", async () => {
    const store = create();
    const [one, other] = [await store.open(), await store.open()].map(
      (state) => new CostCounterRepository(state),
    );
    const count = { day: "2026-11-30", store: "upstash", kind: "query" };
    await one!.add([
      { ...count, requests: 3 },
      { ...count, kind: "upsert", requests: 1_000 },
    ]);
    await other!.add([
      { ...count, requests: 4 },
      { ...count, day: "2026-12-01", requests: 1 },
    ]);
    await other!.add([]);
    expect(await one!.list({ from: "2026-11-30", to: "2026-11-30" })).toEqual([
      { ...count, requests: 7 },
      { ...count, kind: "upsert", requests: 1_000 },
    ]);
    await one!.add([{ ...count, kind: "storage", requests: 0, bytes: 500 }]);
    await other!.add([{ ...count, kind: "storage", requests: 0, bytes: 400 }]);
    await one!.add([{ ...count, kind: "traffic", requests: 0, bytes: 7 }]);
    await other!.add([{ ...count, kind: "traffic", requests: 0, bytes: 8 }]);
    const kinds = await one!.list({ from: "2026-11-30", to: "2026-11-30" });
    expect(kinds.map(({ kind, bytes }) => [kind, bytes])).toEqual([
      ["query", undefined],
      ["storage", 400],
      ["traffic", 15],
      ["upsert", undefined],
    ]);
    expect(await one!.list({ from: "2026-12-01", to: "2026-12-31" })).toHaveLength(1);
  });
});
