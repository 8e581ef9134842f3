import { describe, expect, it } from "vitest";
import { StoreHealth } from "../../../src/operations/status/store-health.ts";

const primary = { role: "primary", duty: "answers" } as const;
const secondary = { role: "secondary", duty: "follows" } as const;

function healthOf(now = () => 1_000) {
  const health = new StoreHealth(new Map([["upstash", primary]]), ["upstash"], now);
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
    health.recordFallback("chroma");
  }
  expect(condition()).toBe("bad");
  expect(health.list()[0]?.lastFailure?.error).toBe("deadline");
});

it("names the rate limit of a store that is given up while it asks for a pause", () => {
  const clock = { now: 1_000 };
  const { health } = healthOf(() => clock.now);
  health.recordTransportEvent({ type: "pause-start", access: "read", durationMs: 1_000 }, "upstash");
  health.recordFallback("chroma");
  expect(health.list()[0]?.lastFailure).toMatchObject({ error: "rate-limit", what: "asked to send less" });
  const { health: slow } = healthOf();
  slow.recordFallback("chroma");
  expect(slow.list()[0]?.lastFailure?.error).toBe("deadline");
});

it("names the error before the breaker opened, not the open breaker", () => {
  const { report, health } = healthOf();
  for (const outcome of ["service", "service", "circuit-open"]) report(outcome);
  expect(health.list()[0]?.lastFailure?.error).toBe("service");
});

describe("names how the last request failed, not what followed from it:", () => {
  const attempt = (error?: string, status?: number) =>
    ({
      type: "attempt-end",
      endpoint: "query",
      attempt: 1,
      durationMs: 1,
      bytes: 0,
      ...(error && { error }),
      ...(status && { status }),
    }) as const;

  it.each([
    ["an open breaker", "circuit-open", attempt("connection"), "did not answer"],
    [
      "a login page in place of the index",
      "service",
      attempt("service", 302),
      "gave answers that could not be read",
    ],
    ["errors of the index", "service", attempt("service", 503), "answered with errors"],
    ["a refusal of this machine", "forbidden", attempt("forbidden", 403), "refused access (403)"],
  ])("names how the last request failed: %s", (_, outcome, event, what) => {
    const { report, health } = healthOf();
    report("quota");
    report("ok");
    health.recordTransportEvent(event, "upstash");
    report(outcome);
    expect(health.list()[0]?.lastFailure?.what).toBe(what);
  });

  it("a call that is given up after requests that failed", () => {
    const { health } = healthOf();
    health.recordTransportEvent(attempt("service", 503), "upstash");
    health.recordFallback("chroma");
    expect(health.list()[0]?.lastFailure?.error).toBe("service");
    const { health: slow } = healthOf();
    slow.recordTransportEvent(attempt("service", 503), "upstash");
    slow.recordTransportEvent(attempt("cancelled"), "upstash");
    slow.recordFallback("chroma");
    expect(slow.list()[0]?.lastFailure?.error).toBe("deadline");
  });
});

it("warns while the breaker is open", () => {
  const { report, condition, health } = healthOf();
  report("ok");
  health.recordTransportEvent({ type: "breaker-open", durationMs: 1 }, "upstash");
  expect(condition()).toBe("warning");
  health.recordTransportEvent({ type: "breaker-close" }, "upstash");
  expect(condition()).toBe("good");
});

describe("which store answers", () => {
  const clock = () => 1_000;
  const both = new Map<string, typeof primary | typeof secondary>([
    ["embedded", primary],
    ["upstash", secondary],
  ]);
  const query = (health: StoreHealth, store: string, outcome = "ok") =>
    health.recordOperation({ store, operation: "query", milliseconds: 1, outcome, items: 0 });

  it("is the primary one, although the other one is asked for comparison after it", () => {
    const health = new StoreHealth(both, [], clock);
    query(health, "embedded");
    query(health, "upstash");
    expect(health.reading).toBe("embedded");
  });

  it("is the other one after it answered in place of the primary, until the primary answers", () => {
    const health = new StoreHealth(both, [], clock);
    query(health, "embedded", "timeout");
    query(health, "upstash");
    health.recordFallback("upstash");
    expect(health.reading).toBe("upstash");
    query(health, "embedded");
    expect(health.reading).toBe("embedded");
  });

  it("is none once questions fail, whoever answered before; a duty is not said of a store that fails", () => {
    const health = new StoreHealth(both, [], clock);
    for (let count = 0; count < 2; count++) query(health, "embedded", "connection");
    health.recordFallback("upstash");
    health.recordQuestion("ok");
    expect(health.reading).toBe("upstash");
    expect(health.isUnanswered).toBe(false);
    query(health, "embedded", "authentication");
    health.recordQuestion("authentication");
    expect(health.reading).toBeUndefined();
    expect(health.isUnanswered).toBe(true);
    expect(health.list()[0]?.duty).toBe("fails at present; when it works, it answers");
    query(health, "embedded");
    health.recordQuestion("not-found");
    expect(health.reading).toBe("embedded");
    expect(health.list()[0]?.duty).toBe("answers");
  });

  it("follows the cutover: the leading store is the primary one", () => {
    const health = new StoreHealth(both, [], clock);
    health.recordFallback("upstash");
    health.follow(
      () =>
        new Map<string, typeof primary | typeof secondary>([
          ["embedded", secondary],
          ["upstash", primary],
        ]),
    );
    expect(health.reading).toBe("upstash");
    expect(health.list().map(({ name, role }) => `${name}: ${role}`)).toEqual([
      "embedded: secondary",
      "upstash: primary",
    ]);
    query(health, "upstash");
    health.follow(() => both);
    expect(health.reading).toBe("embedded");
  });

  it("does not blame the primary if it answers in place of the target of a canary", () => {
    const health = new StoreHealth(both, [], clock);
    query(health, "embedded");
    health.recordFallback("embedded");
    health.recordFallback("embedded");
    expect(health.list().map(({ condition }) => condition)).toEqual(["good", "bad"]);
    expect(health.reading).toBe("embedded");
  });
});
