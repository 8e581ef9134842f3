import { expect, it } from "vitest";
import { Rate } from "../../src/migration/rate.ts";

/** A rate on a clock that stands still; `step` moves it and adds work. */
function rateAt(): { rate: Rate; step: (milliseconds: number, done: number) => void } {
  let time = 0;
  const rate = new Rate(() => time);
  return {
    rate,
    step: (milliseconds, done) => {
      time += milliseconds;
      rate.add(done);
    },
  };
}

it("estimates no time left before four steps and three seconds", () => {
  const { rate, step } = rateAt();
  expect(rate.secondsLeft(100)).toBeUndefined();
  step(44_000, 1);
  expect(rate.secondsLeft(199)).toBeUndefined();
  for (let number = 0; number < 3; number++) step(500, 1);
  expect(rate.secondsLeft(196)).toBeUndefined();
  step(1_500, 3);
  // Without the first step, which took 44 s: 6 records in 3 s.
  expect(rate.secondsLeft(100)).toBeCloseTo(50, 5);
  expect(rate.secondsLeft(0)).toBe(0);
});

it("measures over the last 20 seconds, also between steps", () => {
  const { rate, step } = rateAt();
  for (const done of [4_000, 1_000, 1_000, 1_000]) step(10_000, done);
  expect(rate.perSecond).toBe(100);
  expect(rate.secondsLeft(2_000)).toBe(20);
});
