import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRateLimit } from "../../src/config/rate-limit.ts";
import { readSettings } from "../../src/config/settings.ts";
import { SettingsError } from "../../src/foundation/errors.ts";

describe("parseRateLimit (REL-3)", () => {
  it.each([
    ["100/60s", 100, 60_000],
    ["10/s", 10, 1_000],
    [" 5 / 500 ms ", 5, 500],
    ["600/1M", 600, 60_000],
    ["1000000/24h", 1_000_000, 86_400_000],
  ])("reads %j", (text, count, intervalMs) => {
    expect(parseRateLimit(text)).toEqual({ count, intervalMs });
  });

  it.each([
    ["100", /like 100\/60s/],
    ["100/60", /like 100\/60s/],
    ["100/60d", /like 100\/60s/],
    ["-1/s", /like 100\/60s/],
    ["1.5/s", /like 100\/60s/],
    ["0/s", /from 1 to 1000000 requests/],
    ["1000001/s", /from 1 to 1000000 requests/],
    ["1/0s", /from 1ms to 24h/],
    ["1/25h", /from 1ms to 24h/],
    ["9".repeat(400).concat("/s"), /from 1 to/],
  ])("says what is wrong with %j", (text, problem) => {
    expect(parseRateLimit(text)).toMatchObject({ problem: expect.stringMatching(problem) });
  });

  it("parses every rate that it formats, and never throws", () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 24 }),
        unit,
        (count, span, name) => {
          expect(parseRateLimit(`${count}/${span}${name}`)).toEqual({
            count,
            intervalMs: span * units[name],
          });
        },
      ),
    );
    const any = fc.string({ unit: fc.constantFrom(..."0123456789/ .-smhMS") });
    fc.assert(
      fc.property(any, (text) => {
        const parsed = parseRateLimit(text);
        if ("problem" in parsed) return;
        expect(parsed.count).toBeGreaterThanOrEqual(1);
        expect(Number.isSafeInteger(parsed.intervalMs) && parsed.intervalMs >= 1).toBe(true);
      }),
    );
  });

  it("is a setting", () => {
    expect(readSettings({}).rateLimit).toBeUndefined();
    expect(readSettings({ RATE_LIMIT: "100/60s" }).rateLimit).toEqual({ count: 100, intervalMs: 60_000 });
    expect(() => readSettings({ RATE_LIMIT: "many" })).toThrow(SettingsError);
    expect(() => readSettings({ RATE_LIMIT: "many" })).toThrow(/RATE_LIMIT has to be .* \(it is "many"\)/);
  });
});
