import { describe, expect, it } from "vitest";
import { BoundedCache } from "../../src/foundation/bounded-cache.ts";

describe("a bounded cache", () => {
  it("makes a value once", () => {
    const cache = new BoundedCache<string, object>(10);
    const first = cache.getOrMake("a", () => ({}));
    expect(cache.getOrMake("a", () => ({}))).toBe(first);
  });

  it("keeps what is used and drops the rest, within its capacity", () => {
    const cache = new BoundedCache<number, number>(10);
    for (let key = 0; key < 1_000; key++) {
      cache.set(key, key);
      expect(cache.get(0)).toBe(0);
    }
    const kept = Array.from({ length: 1_000 }, (_, key) => cache.get(key)).filter(
      (value) => value !== undefined,
    );
    expect(kept.length).toBeLessThanOrEqual(10);
    expect(cache.get(500)).toBeUndefined();
  });

  it("keeps at most its capacity in weight, without values that are too heavy", () => {
    const cache = new BoundedCache<number, string>(100, (value) => value.length);
    const keptKeys = () => Array.from({ length: 1_000 }, (_, key) => key).filter((key) => cache.get(key));
    for (let key = 0; key < 1_000; key++) cache.set(key, "x".repeat(1 + (key % 40)));
    cache.set(0, "x".repeat(51));
    expect(cache.get(0)).toBeUndefined();
    const kept = keptKeys();
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.reduce((sum, key) => sum + 1 + (key % 40), 0)).toBeLessThanOrEqual(100);
  });

  it("counts the weight of a value that was replaced or deleted no longer", () => {
    const cache = new BoundedCache<string, string>(20, (value) => value.length);
    cache.set("kept", "x");
    for (let round = 0; round < 100; round++) {
      cache.set("changing", "x".repeat(9));
      if (round % 2 === 0) cache.delete("changing");
    }
    expect(cache.get("kept")).toBe("x");
    cache.clear();
    expect([cache.get("kept"), cache.get("changing")]).toEqual([undefined, undefined]);
  });
});
