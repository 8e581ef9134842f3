import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRetryAfter } from "../../src/transport/retry-after.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const read = (headers: Record<string, string>, at = now) => parseRetryAfter(new Headers(headers), at);

describe("parseRetryAfter (REL-2)", () => {
  it.each([
    ["3", 3_000],
    [" 0 ", 0],
    ["1.5", 1_500],
    ["Thu, 01 Jan 2026 00:00:05 GMT", 5_000],
    ["Thursday, 01-Jan-26 00:00:05 GMT", 5_000],
    ["Thu Jan  1 00:00:05 2026", 5_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["soon", undefined],
    ["-5", undefined],
    ["2026", 2_026_000],
    ["2026-01-01", undefined],
    ["5 seconds", undefined],
    ["Infinity", undefined],
    ["1e3", undefined],
    ["", undefined],
  ])("reads %j as %j ms", (header, milliseconds) => {
    expect(read({ "retry-after": header })).toBe(milliseconds);
  });

  it("returns undefined without a header", () => {
    expect(read({})).toBeUndefined();
  });

  it("prefers the header in milliseconds, unless it cannot be read", () => {
    expect(read({ "retry-after-ms": "250", "retry-after": "9" })).toBe(250);
    expect(read({ "retry-after-ms": "soon", "retry-after": "9" })).toBe(9_000);
  });

  it("compares a date with the answer's clock, not the local one", () => {
    const second = fc.integer({ min: 0, max: 4_000_000_000 });
    fc.assert(
      fc.property(second, fc.integer({ min: 0, max: 100_000 }), fc.integer(), (sent, wait, ours) => {
        const date = new Date(sent * 1_000).toUTCString();
        const until = new Date((sent + wait) * 1_000).toUTCString();
        expect(read({ date, "retry-after": until }, ours)).toBe(wait * 1_000);
      }),
    );
  });

  it("gives nothing, or a finite number that is not negative, for any header", () => {
    const header = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."0123456789.-+eE :,GMTJanThu") }),
      fc.stringMatching(/^\d{1,400}$/),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(header, header, (value, date) => {
        const wait = parseRetryAfter({ get: (name) => (name === "date" ? date : value) }, now);
        expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true);
      }),
    );
  });
});
