import { describe, expect, it } from "vitest";
import { StoreHealth } from "../../src/cutover/store-health.ts";

describe("the health of a store in a cutover (VEC-9)", () => {
  it("pauses its reads after two failures in a row, until a read succeeds", () => {
    const health = new StoreHealth({
      failuresAllowed: 2,
      concurrency: 1,
      probeEveryMs: 0,
    });
    const fault = new Error("timeout");
    health.failed(new Error("chance"));
    health.succeeded();
    health.failed(new Error("first"));
    expect(health.pausedBy).toBeUndefined();
    health.failed(fault);
    expect(health.pausedBy).toBe(fault);
    health.succeeded();
    expect(health.pausedBy).toBeUndefined();
  });

  it("bounds its probes in number and in time, and survives one that throws", async () => {
    let now = 0;
    const health = new StoreHealth({
      failuresAllowed: 2,
      concurrency: 2,
      probeEveryMs: 100,
      now: () => now,
    });
    const ends: (() => void)[] = [];
    const probe = () => new Promise<void>((_, reject) => ends.push(() => reject(new Error("down"))));
    expect([health.offerProbe(probe), health.offerProbe(probe)]).toEqual([true, false]);
    now = 100;
    expect(health.offerProbe(probe)).toBe(true);
    now = 200;
    expect(health.offerProbe(probe)).toBe(false);
    for (const end of ends) end();
    await health.settled();
    expect(health.offerProbe(async () => {})).toBe(true);
    await health.settled();
  });
});
