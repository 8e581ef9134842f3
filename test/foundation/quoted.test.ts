import fc from "fast-check";
import { expect, test } from "vitest";
import { oneLine } from "../../src/cli/foreign-text.ts";
import { findingText } from "../../src/foundation/finding.ts";
import { quoted } from "../../src/foundation/quoted.ts";
import { RecordsRefusedError } from "../../src/migration/import/report.ts";

test.each([
  ["plain", '"plain"'],
  ["食べ物 🍜", '"食べ物 🍜"'],
  ["a\nb\tc", String.raw`"a\nb\tc"`],
  ["a\x7fb", String.raw`"a\u007fb"`],
  ["\ufeffa", String.raw`"\ufeffa"`],
  ["\u202eabc", String.raw`"\u202eabc"`],
  ["a\u2028b\u0085", String.raw`"a\u2028b\u0085"`],
  ["a\u00a0b  c", String.raw`"a\u00a0b \u0020c"`],
  ["caf\u00e9", '"caf\u00e9"'],
  ["cafe\u0301", String.raw`"cafe\u0301"`],
  ["\u212b", String.raw`"\u212b"`],
  ["y".repeat(10_000), `"${"y".repeat(100)}…" (10,000 characters)`],
])("%j in a message is %s", (text, shown) => {
  expect(quoted(text)).toBe(shown);
});

test("two ids never look alike on a terminal, also if they differ only in what nobody sees", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", " ", "\n", "\u00e9", "e", "\u0301", "\u200b", "\x7f", "\ufeff"),
    maxLength: 8,
  });
  fc.assert(
    fc.property(text, text, (left, right) => {
      const look = (id: string) => oneLine(quoted(id)).normalize();
      return (look(left) === look(right)) === (left === right);
    }),
  );
});

test("an id of 10,000 characters does not fill the message that names it", () => {
  const id = "y".repeat(10_000);
  const finding = findingText({ code: "c", level: "problem", message: "Bad.", recordCount: 1, ids: [id] });
  expect(finding.length).toBeLessThan(200);
  const refused = new RecordsRefusedError([{ id: "a\nAll records are complete", problem: "bad" }], false);
  expect(refused.message.split("\n")).toHaveLength(2);
});
