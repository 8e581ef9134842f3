import { expect, it, onTestFinished } from "vitest";
import { ObservedStore, type OperationReport } from "../../../src/store/policies/observed.ts";
import { deadAddress } from "../../helpers/http-server.ts";
import { documents, httpStore, memoryStore } from "./stores.ts";

it("reports each call with its time, outcome and count, and nothing of what it is about (REL-1)", async () => {
  const reports: OperationReport[] = [];
  const onOperation = (report: OperationReport) => void reports.push(report);
  const store = new ObservedStore({ store: memoryStore(), onOperation });
  onTestFinished(() => store.close());
  await store.upsert(documents);
  await store.query({ text: "curry with vinegar", topK: 2 });
  await store.fetch(["pho", "secret-id"]);
  await store.update({ id: "secret-id", text: "secret text" });
  await store.delete({ ids: ["pho"] });
  await store.listNamespaces();
  await store.info();
  for await (const _ of store.range({ pageSize: 2 }));
  for await (const _ of store.range({ pageSize: 2 })) break;
  await expect(store.deleteNamespace("secret-namespace")).rejects.toThrow();
  expect(reports.map(({ operation, outcome, items }) => [operation, outcome, items])).toEqual([
    ["upsert", "ok", 5],
    ["query", "ok", 1],
    ["fetch", "ok", 1],
    ["update", "ok", 0],
    ["delete", "ok", 1],
    ["listNamespaces", "ok", 1],
    ["info", "ok", 1],
    ["range", "ok", 4],
    ["range", "abandoned", 2],
    ["deleteNamespace", "not-found", 0],
  ]);
  expect(reports.every(({ milliseconds, store: name }) => milliseconds >= 0 && name === "embedded")).toBe(
    true,
  );
  expect(JSON.stringify(reports)).not.toMatch(/secret|vinegar|pho/);
});

it("reports the code of an error, also of a range", async () => {
  const reports: OperationReport[] = [];
  const store = new ObservedStore({
    store: httpStore(await deadAddress()),
    onOperation: (report) => void reports.push(report),
  });
  await expect(store.info()).rejects.toThrow();
  await expect(store.range().next()).rejects.toThrow();
  expect(reports.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
    "info connection",
    "range connection",
  ]);
});
