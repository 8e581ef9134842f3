import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Rate } from "../../src/transport/rate.ts";

const never = new AbortController().signal;

describe("Rate (REL-3)", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("gives at most so many permits in any span, in order, and none later than it must", async () => {
    const limits = fc.record({
      count: fc.integer({ min: 1, max: 4 }),
      intervalMs: fc.integer({ min: 1, max: 50 }),
    });
    const pauses = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(limits, pauses, async (limit, all) => {
        const rate = new Rate(limit);
        const given: { number: number; at: number }[] = [];
        const asked: number[] = [];
        const calls = [];
        for (const [number, pause] of all.entries()) {
          await vi.advanceTimersByTimeAsync(pause);
          asked.push(performance.now());
          calls.push(rate.take(never, () => {}).then(() => given.push({ number, at: performance.now() })));
        }
        await vi.advanceTimersByTimeAsync(all.length * limit.intervalMs);
        await Promise.all(calls);
        expect(given.map(({ number }) => number)).toEqual(all.map((_, number) => number));
        for (const [place, { at }] of given.entries()) {
          const before = given[place - limit.count]?.at ?? Number.NEGATIVE_INFINITY;
          const earliest = Math.max(
            asked[place] as number,
            before + limit.intervalMs,
            given[place - 1]?.at ?? 0,
          );
          expect(at - earliest).toBeCloseTo(0, 3);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("does not hold requests back when the clock is set back", async () => {
    const rate = new Rate({ count: 1, intervalMs: 100 });
    await rate.take(never, () => {});
    vi.setSystemTime(Date.now() - 3_600_000);
    let isGiven = false;
    const second = rate
      .take(never, () => {})
      .then(() => {
        isGiven = true;
      });
    await vi.advanceTimersByTimeAsync(100);
    await second;
    expect(isGiven).toBe(true);
  });

  it("uses up no permit for a call that gives up, and leaves no timer behind", async () => {
    const rate = new Rate({ count: 1, intervalMs: 100 });
    await rate.take(never, () => {});
    const controller = new AbortController();
    const givenUp = rate.take(controller.signal, () => {}).catch((reason) => reason);
    controller.abort(new Error("enough"));
    expect(await givenUp).toEqual(new Error("enough"));
    expect(vi.getTimerCount()).toBe(0);
    const next = rate.take(never, () => {});
    await vi.advanceTimersByTimeAsync(100);
    await next;
  });
});
