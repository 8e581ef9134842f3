import { expect, it } from "vitest";
import type { CallOptions } from "../../src/store/store.ts";
import { type UpstashRequester, UpstashStore } from "../../src/store/upstash.ts";

it("a write is sent in requests that are bounded by bytes as well as by number, in order", async () => {
  const sent: string[][] = [];
  const requester: UpstashRequester = {
    request: async <T>({ body }: { body?: unknown }, _: CallOptions = {}) => {
      sent.push((body as { id: string }[]).map(({ id }) => id));
      return { result: "Success" as T };
    },
  };
  const store = new UpstashStore({ name: "upstash", requester });
  const large = "x".repeat(3_000_000);
  const documents = ["a", "b", "c", "d"].map((id) => ({ id, text: large, metadata: {} }));
  await store.upsert(documents);
  await store.upsertRecords(documents);
  expect(sent).toEqual([
    ["a", "b"],
    ["c", "d"],
    ["a", "b"],
    ["c", "d"],
  ]);
});
