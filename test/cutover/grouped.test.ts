import { describe, expect, it } from "vitest";
import { Grouped } from "../../src/cutover/grouped.ts";

/** Records each group; a group ends when `finish` is called. */
function recorder() {
  const groups: string[][] = [];
  const ends: ((error?: Error) => void)[] = [];
  const grouped = new Grouped<string, string[], readonly string[]>({
    run: (items) => {
      groups.push([...items]);
      return new Promise((resolve, reject) => {
        ends.push((error) => (error ? reject(error) : resolve(items)));
      });
    },
    resultOf: (items, start, count) => items.slice(start, start + count),
    keyOf: (item) => item.charAt(0),
  });
  return { grouped, groups, ends };
}

describe("writes that share a transaction (rules 1 and 2)", () => {
  it("gather while one runs, and each gets its own part", async () => {
    const { grouped, groups, ends } = recorder();
    const calls = [["a1"], ["b1", "c1"], ["d1"]].map((items) => grouped.call(items));
    expect(groups).toEqual([["a1"]]);
    ends[0]?.();
    expect(await calls[0]).toEqual(["a1"]);
    await expect.poll(() => groups).toEqual([["a1"], ["b1", "c1", "d1"]]);
    ends[1]?.();
    expect(await Promise.all(calls)).toEqual([["a1"], ["b1", "c1"], ["d1"]]);
  });

  it("keep the order of a key: two writes of one record are never in one group, and none overtakes", async () => {
    const { grouped, groups, ends } = recorder();
    const calls = [["x"], ["a1"], ["a2"], ["b1"]].map((items) => grouped.call(items));
    for (let group = 0; group < 3; group++) {
      await expect.poll(() => ends.length).toBe(group + 1);
      ends[group]?.();
    }
    await Promise.all(calls);
    expect(groups).toEqual([["x"], ["a1"], ["a2", "b1"]]);
  });

  it("fail together, and the next group goes on", async () => {
    const { grouped, ends } = recorder();
    const first = grouped.call(["a"]);
    const others = [grouped.call(["b"]), grouped.call(["c"])];
    ends[0]?.(new Error("no database"));
    await expect(first).rejects.toThrow("no database");
    await expect.poll(() => ends.length).toBe(2);
    ends[1]?.();
    expect(await Promise.all(others)).toEqual([["b"], ["c"]]);
  });
});
