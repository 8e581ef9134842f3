import { expect, it } from "vitest";
import { StoreHealth } from "../../../src/operations/status/store-health.ts";
import { ownChecks } from "../../../src/operations/watch/own-checks.ts";
import type { StateDatabase } from "../../../src/state/database.ts";

it("questions that no store answers are a page after 10 s, although there is a second store (OPS-2)", async () => {
  let now = 1_000_000;
  const duties = new Map([
    ["upstash", { role: "primary", duty: "answers" }],
    ["embedded", { role: "secondary", duty: "answers if upstash fails" }],
  ] as const);
  const stores = new StoreHealth(duties, [], () => now);
  const check = () =>
    ownChecks({ state: {} as StateDatabase, stores, stateFault: undefined, now })
      .find(({ key }) => key === "store:upstash")
      ?.run();
  const fail = () => {
    stores.recordOperation({
      store: "upstash",
      operation: "query",
      milliseconds: 1,
      items: 0,
      outcome: "network",
    });
    stores.recordQuestion("network");
  };
  fail();
  fail();
  expect(await check()).toBe("unknown");
  now += 10_000;
  fail();
  expect(await check()).toMatchObject({
    severity: "page",
    sentence: expect.stringContaining("and no store answers questions"),
  });
  // The second store answers: there is time.
  stores.recordFallback("embedded");
  stores.recordQuestion("ok");
  expect(await check()).toBe("unknown");
});
