import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collectionOf, namespaceOf, nearestFirst } from "../../src/store/chroma/names.ts";
import { scoreOf, spaceOf } from "../../src/store/chroma/space.ts";

describe("names of collections (VEC-4)", () => {
  it("encode any namespace in the characters that Chroma accepts, and decode it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (namespace) => {
        const name = collectionOf("foods", namespace);
        expect(name).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9._-]{1,510}[a-zA-Z0-9]$/);
        expect(namespaceOf("foods", name)).toBe(namespace);
      }),
      { numRuns: 50 },
    );
  });

  it("are readable if the namespace is", () => {
    expect(collectionOf("foods", "")).toBe("foods");
    expect(collectionOf("foods", "café")).toBe("foods.ns.caf_c3_a9");
  });

  it.each(["foods2", "foods.ns.", "foods.ns._zz", "foods.ns._61", "foods.ns.a-b", "food"])(
    "do not take %s for a namespace",
    (name) => {
      expect(namespaceOf("foods", name)).toBeUndefined();
    },
  );

  it("refuse a namespace that becomes too long", () => {
    expect(() => collectionOf("foods", "é".repeat(200))).toThrow(/Chroma takes 512/);
  });

  it("are listed by how near they are", () => {
    expect(nearestFirst(["recipes", "foods2", "f", "foods"], "fods")).toEqual([
      "foods",
      "foods2",
      "f",
      "recipes",
    ]);
  });
});

describe("the space of a collection", () => {
  it("is that of its metadata before that of its configuration, which older versions left at l2", () => {
    expect(spaceOf({ "hnsw:space": "cosine" }, { hnsw: { space: "l2" } })).toBe("cosine");
    expect(spaceOf(undefined, { hnsw: null, spann: { space: "ip" } })).toBe("ip");
    expect(spaceOf({ "hnsw:space": "unheard-of" }, {})).toBe("l2");
  });

  it("returns scores within their range, despite rounding of distances", () => {
    expect(scoreOf(-1e-7, "cosine")).toBe(1);
    expect(scoreOf(-1e-7, "l2")).toBe(1);
    expect(scoreOf(-3, "ip")).toBe(2.5);
  });
});
