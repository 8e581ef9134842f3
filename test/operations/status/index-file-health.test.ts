import { expect, it, onTestFinished } from "vitest";
import { IndexFileHealth } from "../../../src/operations/status/index-file-health.ts";
import { StoreHealth } from "../../../src/operations/status/store-health.ts";

const secondary = { role: "secondary", duty: "answers if upstash fails" } as const;

it("a store whose file is damaged stays bad until the whole file passes, whatever its next calls say (OPS-3)", async () => {
  const stores = new StoreHealth(new Map([["embedded", secondary]]), []);
  const faults = [{ problem: "the record is not what was written" }];
  let verified = 0;
  const file = new IndexFileHealth({
    store: "embedded",
    verify: async () => {
      verified++;
      return { faults };
    },
    onChange: (fault) => stores.recordFile("embedded", fault?.since),
    againMs: 1,
  });
  onTestFinished(() => file.close());
  const record = (outcome: string) => {
    const report = { store: "embedded", operation: "fetch", milliseconds: 1, items: 1, outcome } as const;
    stores.recordOperation(report);
    file.recordOperation(report);
  };
  record("ok");
  expect(verified).toBe(0);
  record("storage");
  record("ok");
  await expect.poll(() => stores.failingSince("embedded")).toBeDefined();
  record("ok");
  expect(stores.list()).toMatchObject([{ condition: "bad" }]);
  faults.length = 0;
  await expect.poll(() => stores.failingSince("embedded")).toBeUndefined();
  expect(stores.list()).toMatchObject([{ condition: "good" }]);
});
