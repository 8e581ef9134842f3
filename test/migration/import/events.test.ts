import { expect, it, onTestFinished } from "vitest";
import { defaultSettings, EmbeddedRequester, VectorIndex } from "../../../src/embedded/index.ts";
import { bm25 } from "../../../src/embedding/bm25.ts";
import { UsageError } from "../../../src/foundation/errors.ts";
import { type ImportEvent, importRecords } from "../../../src/migration/import/index.ts";
import { Ledger } from "../../../src/migration/ledger/index.ts";
import { type ProgressEvent, ProgressMeter } from "../../../src/migration/progress-meter.ts";
import { UpstashStore } from "../../../src/store/upstash.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { faultyStore } from "./faulty-store.ts";
import { contentOf, embeddedIndex, identity, MemorySource, records, storeOf, withLedger } from "./helpers.ts";

it("MIG-5: reports skipped blocks, requests, progress and the end; a listener that throws does no harm", async () => {
  const directory = temporaryDirectory();
  let all = records(800);
  const source = new MemorySource(() => all);
  const store = storeOf(embeddedIndex());
  const target = { store, namespace: "", embedding: "carried" } as const;
  const warnings: unknown[] = [];
  const listen = (warning: unknown) => warnings.push(warning);
  process.on("warning", listen);
  onTestFinished(() => void process.off("warning", listen));
  await withLedger(directory, (ledger) =>
    importRecords({
      source,
      target,
      ledger,
      onEvent: () => {
        throw new Error("The display is gone.");
      },
    }),
  );
  all = records(1_000);
  const events: ImportEvent[] = [];
  const report = await withLedger(directory, (ledger) =>
    importRecords({ source, target, ledger, onEvent: (event) => events.push(event) }),
  );
  const sum = (type: "block-skip" | "batch-end") =>
    events.reduce((total, event) => total + (event.type === type ? event.records : 0), 0);
  expect(sum("block-skip")).toBe(report.skipped);
  expect(sum("batch-end")).toBe(report.acknowledged);
  expect(report.skipped + report.acknowledged).toBe(1_000);
  expect(events.at(-2)).toMatchObject({ type: "progress", done: 1_000, total: 1_000, secondsLeft: 0 });
  expect(events.at(-1)).toEqual({ type: "import-end", outcome: "complete" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings.length).toBeGreaterThan(0);
});

it("MIG-5: the rate is that of the last 20 seconds, and says what is left", () => {
  let time = 0;
  const events: ProgressEvent[] = [];
  const progress = new ProgressMeter(
    (event) => events.push(event),
    () => time,
  );
  let done = 1_000;
  progress.update(done, 10_000, 0);
  for (const records of [4_000, 1_000, 1_000, 1_000]) {
    time += 10_000;
    done += records;
    progress.update(done, 10_000);
  }
  expect(events.at(-1)).toEqual({
    type: "progress",
    done: 8_000,
    total: 10_000,
    recordsPerSecond: 100,
    secondsLeft: 20,
  });
  time += 50;
  const before = events.length;
  progress.update(done + 1, 10_000);
  expect(events.length).toBe(before);
});

it("MIG-5: if the target embeds, texts are sent and vectors are not read; a record without text is refused", async () => {
  const [first, ...rest] = records(300);
  const { text: _text, ...textless } = { ...first, id: "textless" };
  const source = new MemorySource(() => [textless, ...rest]);
  const index = VectorIndex.open({
    path: ":memory:",
    settings: defaultSettings,
    embedders: { sparse: bm25 },
  });
  const store = new UpstashStore({ name: "embedded", requester: new EmbeddedRequester(index) });
  const directory = temporaryDirectory();
  const ledger = Ledger.open({ directory, name: "test", identity: { ...identity, embedding: "target" } });
  const target = { store, namespace: "", embedding: "target" } as const;
  const report = await importRecords({ source, target, ledger });
  ledger.close();
  expect(report.refusals).toEqual([{ id: "textless", problem: "it has no text to embed" }]);
  expect((await contentOf(store)).map(({ id, text, metadata }) => ({ id, text, metadata }))).toEqual(
    rest
      .map(({ id, text, metadata }) => ({ id, text, metadata }))
      .sort((left, right) => (left.id < right.id ? -1 : 1)),
  );
  expect((await store.query({ text: "Food 17", topK: 1 }))[0]?.text).toContain("Food 17 ");
});

it("MIG-5: an unexpected error is thrown unchanged, after the requests that were sent have ended", async () => {
  const source = new MemorySource(() => records(600));
  const { store, counts } = faultyStore(storeOf(embeddedIndex()), () => "fatal-before");
  const target = { store, namespace: "", embedding: "carried" } as const;
  const attempt = withLedger(temporaryDirectory(), (ledger) => importRecords({ source, target, ledger }));
  await expect(attempt).rejects.toThrow("The process died.");
  expect(counts.atOnce).toBe(0);
});

it("MIG-5: settings out of range, and a ledger of another target, are refused before anything is sent", async () => {
  const source = new MemorySource(() => records(10));
  const { store, counts } = faultyStore(storeOf(embeddedIndex()), () => undefined);
  const target = { store, namespace: "", embedding: "carried" } as const;
  await withLedger(temporaryDirectory(), async (ledger) => {
    for (const settings of [
      { concurrency: 0 },
      { maximumBatch: 1_001 },
      { minimumBatch: 500, maximumBatch: 400 },
    ]) {
      await expect(importRecords({ source, target, ledger, settings })).rejects.toThrow(UsageError);
    }
    const other = { ...target, namespace: "other" };
    await expect(importRecords({ source, target: other, ledger })).rejects.toThrow(/belongs to namespace ""/);
  });
  expect(counts.requests).toBe(0);
});
