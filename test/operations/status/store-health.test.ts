import { expect, it } from "vitest";
import { StoreHealth } from "../../../src/operations/status/store-health.ts";

function healthOf(now = () => 1_000) {
  const health = new StoreHealth(new Map([["upstash", "primary"]]), ["upstash"], now);
  const report = (outcome: string) =>
    health.recordOperation({ store: "upstash", operation: "query", milliseconds: 1, outcome, items: 0 });
  return { health, report, condition: () => health.list()[0]?.condition };
}

it("knows nothing about a store before the first call, and nothing any more after ten minutes", () => {
  const clock = { now: 1_000 };
  const { report, condition, health } = healthOf(() => clock.now);
  expect(condition()).toBe("unknown");
  report("ok");
  expect(condition()).toBe("good");
  clock.now += 601_000;
  expect(health.list()[0]).toMatchObject({ condition: "unknown", isStale: true });
});

it("calls a store failing after two failures in a row, until it answers", () => {
  const { report, condition, health } = healthOf();
  report("timeout");
  expect(condition()).toBe("warning");
  report("connection");
  expect(condition()).toBe("bad");
  expect(health.failingSince("upstash")).toBe(1_000);
  report("ok");
  expect(condition()).toBe("good");
  expect(health.failingSince("upstash")).toBeUndefined();
});

it("does not blame a store for a wrong request or a caller who gave up", () => {
  const { report, condition } = healthOf();
  for (const outcome of ["invalid-request", "not-found", "cancelled"]) report(outcome);
  expect(condition()).toBe("good");
});

it("does not take a call that was given up for an answer: a store beyond its deadline fails", () => {
  const { report, condition, health } = healthOf();
  for (let count = 0; count < 2; count++) {
    report("cancelled");
    health.recordFallback();
  }
  expect(condition()).toBe("bad");
  expect(health.list()[0]?.lastFailure?.error).toBe("deadline");
});

it("names the error before the breaker opened, not the open breaker", () => {
  const { report, health } = healthOf();
  for (const outcome of ["service", "service", "circuit-open"]) report(outcome);
  expect(health.list()[0]?.lastFailure?.error).toBe("service");
});

it("warns while the breaker is open", () => {
  const { report, condition, health } = healthOf();
  report("ok");
  health.recordTransportEvent({ type: "breaker-open", durationMs: 1 }, "upstash");
  expect(condition()).toBe("warning");
  health.recordTransportEvent({ type: "breaker-close" }, "upstash");
  expect(condition()).toBe("good");
});
