import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IdTable } from "../../src/foundation/id-table.ts";

describe("IdTable", () => {
  it("remembers the first number of each id, as a Map would", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.nat(1_000_000)), { maxLength: 300 }), (entries) => {
        const table = new IdTable(4);
        const model = new Map<string, number>();
        for (const [id, number] of entries) {
          expect(table.has(id)).toBe(model.has(id));
          expect(table.add(id, number)).toBe(model.get(id));
          if (!model.has(id)) model.set(id, number);
        }
        expect(table.size).toBe(model.size);
      }),
    );
  });

  it("distinguishes 200,000 similar ids", () => {
    const table = new IdTable();
    const taken: number[] = [];
    for (let n = 0; n < 200_000; n++) if (table.add(`food-${n}`, n) !== undefined) taken.push(n);
    expect(taken).toEqual([]);
    expect(table.add("food-123456", 0)).toBe(123_456);
    expect(table.has("food-200000")).toBe(false);
  });
});
