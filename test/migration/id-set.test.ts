import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IdSet } from "../../src/migration/id-set.ts";

describe("IdSet", () => {
  it("behaves as a Set of strings, past its first capacity and with odd ids", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { maxLength: 200 }), fc.string(), (ids, other) => {
        const set = new IdSet(16);
        const model = new Set<string>();
        for (const id of ids) {
          expect(set.add(id)).toBe(!model.has(id));
          model.add(id);
        }
        expect(set.size).toBe(model.size);
        for (const id of [...ids, other]) expect(set.has(id)).toBe(model.has(id));
      }),
      { numRuns: 50 },
    );
  });

  it("keeps apart ids that differ in a lone surrogate alone", () => {
    const set = new IdSet();
    expect(["\ud800", "\ud801", "\ufffd"].map((id) => set.add(id))).toEqual([true, true, true]);
  });
});
