import { expect, it } from "vitest";
import { RateLimitError, ServiceFaultError, TimeoutError } from "../../../src/foundation/errors.ts";
import { Pace } from "../../../src/migration/import/pace.ts";
import { defaultImportSettings } from "../../../src/migration/import/settings.ts";

function paceAt(start = 0) {
  const clock = { now: start };
  return { clock, pace: new Pace(defaultImportSettings, () => clock.now) };
}

function grown() {
  const { clock, pace } = paceAt();
  for (let count = 0; count < 40; count++) pace.succeed(pace.batchSize, 50);
  return { clock, pace };
}

it("MIG-5: requests grow from 100 to 1,000 records, and to four at once, while all goes fast", () => {
  const { pace } = paceAt();
  expect([pace.batchSize, pace.concurrency]).toEqual([100, 1]);
  pace.succeed(100, 50);
  expect([pace.batchSize, pace.concurrency]).toEqual([200, 2]);
  for (let count = 0; count < 40; count++) pace.succeed(pace.batchSize, 50);
  expect([pace.batchSize, pace.concurrency]).toEqual([1_000, 4]);
});

it("MIG-5: slow requests do not grow, and very slow ones shrink", () => {
  const { pace } = grown();
  pace.succeed(1_000, 2_000);
  expect(pace.batchSize).toBe(1_000);
  pace.succeed(1_000, 6_000);
  expect(pace.batchSize).toBe(700);
  pace.succeed(100, 50);
  expect(pace.batchSize).toBe(700);
});

it("MIG-5: a rate limit halves the requests at once, and waits as long as the service asks", () => {
  const { clock, pace } = grown();
  clock.now = 1_000;
  pace.fail(new RateLimitError("test", "slowly", { retryAfterMs: 7_000 }), 900);
  expect([pace.batchSize, pace.concurrency, pace.waitMs]).toEqual([1_000, 2, 7_000]);
  // Requests that were sent before count as the same failure.
  pace.fail(new RateLimitError("test", "slowly"), 950);
  expect([pace.concurrency, pace.failuresInRow, pace.waitMs]).toEqual([2, 1, 7_000]);
  pace.fail(new RateLimitError("test", "slowly"), 1_000);
  expect([pace.concurrency, pace.failuresInRow]).toEqual([1, 2]);
});

it("MIG-5: a timeout halves size and number; pauses double and are bounded", () => {
  const { clock, pace } = grown();
  pace.fail(new TimeoutError("test", "nothing came"), 0);
  expect([pace.batchSize, pace.concurrency, pace.waitMs]).toEqual([500, 2, 500]);
  clock.now = 500;
  pace.fail(new ServiceFaultError("test", "broken"), 500);
  expect([pace.batchSize, pace.concurrency, pace.waitMs]).toEqual([500, 2, 1_000]);
  for (let count = 0; count < 10; count++) pace.fail(new ServiceFaultError("test", "broken"), 500);
  expect(pace.waitMs).toBe(30_000);
});

it("MIG-5: a request that is too large halves what the next may hold", () => {
  const { pace } = grown();
  pace.refuseSize(800, 4_000_000);
  expect([pace.batchSize, pace.byteLimit]).toEqual([400, 2_000_000]);
  pace.refuseSize(1, 100);
  expect([pace.batchSize, pace.byteLimit]).toEqual([100, 65_536]);
});
