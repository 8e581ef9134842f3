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
});
