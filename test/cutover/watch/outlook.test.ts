import { describe, expect, it } from "vitest";
import { outlook } from "../../../src/cutover/watch/outlook.ts";

const window = { needed: 100, windowMs: 300_000 };
const raise = "Raise CUTOVER_SHADOW_PERCENT.";

describe("what a closed gate says about waiting (CUT-2)", () => {
  it("gives the time that is left at the present rate", () => {
    const text = outlook({ ...window, found: 40, stageMs: 60_000 }, raise);
    expect(text).toBe("Wait for more questions: enough in about 2 min at the present rate.");
    expect(outlook({ ...window, found: 80, stageMs: 60_000 }, raise)).toContain("about 15 s");
  });

  it("says that the window never holds enough, and what changes that", () => {
    const text = outlook({ ...window, found: 7, stageMs: 100_000 }, raise);
    expect(text).toContain("holds about 21 reads of the 100 that are needed");
    expect(text).toContain(raise);
    expect(outlook({ ...window, found: 0, stageMs: 100_000 }, raise)).toContain("about 0 reads");
  });

  it("counts no more than the window", () => {
    const text = outlook({ ...window, found: 99, stageMs: 3_600_000 }, raise);
    expect(text).toContain("holds about 99 reads");
  });

  it("promises nothing from the first seconds", () => {
    expect(outlook({ ...window, found: 1, stageMs: 5_000 }, raise)).toBe("Wait for more questions.");
  });
});
