import { expect, it } from "vitest";
import { durationText } from "../../src/foundation/duration-text.ts";

it.each([
  [-5, "0 s"],
  [999, "0 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [3_599_000, "59 min"],
  [3_600_000, "1 h"],
  [125 * 60_000, "2 h 5 min"],
  [24 * 3_600_000, "1 d"],
  [76 * 3_600_000, "3 d 4 h"],
])("says %d ms as %s", (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});
