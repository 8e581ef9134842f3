import { expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../../src/embedded/index.ts";
import { CancelledError, QuotaError } from "../../../src/foundation/errors.ts";
import { type ImportEvent, importRecords } from "../../../src/migration/import/index.ts";
import type { MigrationTarget } from "../../../src/migration/target.ts";
import type { CallOptions } from "../../../src/store/store.ts";
import { UpstashStore } from "../../../src/store/upstash.ts";
import { HttpRequester } from "../../../src/transport/http-requester.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { comparable, contentOf, dimension, MemorySource, records, withLedger } from "./helpers.ts";

/** The service with its faults, through HTTP. */
async function startService() {
  const emulator = await startEmulator({
    settings: {
      type: "DENSE",
      dimension,
      similarityFunction: "COSINE",
      embeddingModel: "",
      sparseEmbeddingModel: "",
    },
  });
  onTestFinished(() => emulator.close());
  // The transport does not retry, so that the import sees each failure.
  const requester = new HttpRequester({
    url: emulator.url,
    token: emulator.token,
    timeoutMs: 5_000,
    retry: { retries: 0 },
    breaker: { failures: Number.MAX_SAFE_INTEGER },
  });
  const store = new UpstashStore({ name: "upstash", requester });
  const target: MigrationTarget = { store, namespace: "", embedding: "carried" };
  return { emulator, store, target, requester };
}

it("MIG-5: stops at the daily quota, says when to continue, and continues there", async () => {
  const directory = temporaryDirectory();
  const all = records(3_000);
  const source = new MemorySource(() => all);
  const { emulator, store, target } = await startService();
  emulator.setFaults({ dailyWrites: 1_700 });
  const runOnce = () => withLedger(directory, (ledger) => importRecords({ source, target, ledger }));
  const first = await runOnce();
  expect(first.outcome).toBe("quota");
  expect(first.failure).toBeInstanceOf(QuotaError);
  expect(first.failure?.hint).toContain("00:00 UTC");
  expect(first.resumeAt).toBe(Math.ceil((first.resumeAt as number) / 86_400_000) * 86_400_000);
  expect(first.resumeAt).toBeGreaterThan(Date.now());
  expect(first.acknowledged).toBeGreaterThan(0);
  emulator.setFaults({ dailyWrites: 0 });
  const second = await runOnce();
  expect(second.outcome).toBe("complete");
  // A block that went in two requests may have been cut by the quota.
  expect(second.skipped).toBeLessThanOrEqual(first.acknowledged);
  expect(second.skipped).toBeGreaterThan(first.acknowledged - 4 * 200);
  expect(second.sent).toBe(3_000 - second.skipped);
  expect(await contentOf(store)).toEqual(comparable(all));
});

it("MIG-5: a rate limit slows the import down, and does not end it", async () => {
  const all = records(1_200);
  const source = new MemorySource(() => all);
  const { emulator, store, target } = await startService();
  emulator.setFaults({ requestsPerSecond: 3 });
  const events: ImportEvent[] = [];
  const report = await withLedger(temporaryDirectory(), (ledger) =>
    importRecords({
      source,
      target,
      ledger,
      settings: { maximumBatch: 120 },
      onEvent: (event) => events.push(event),
    }),
  );
  expect(report.outcome).toBe("complete");
  const retries = events.filter((event) => event.type === "batch-retry");
  expect(retries.length).toBeGreaterThan(0);
  for (const retry of retries) expect(retry).toMatchObject({ error: "rate-limit" });
  emulator.setFaults({ requestsPerSecond: 0 });
  expect(await contentOf(store)).toEqual(comparable(all));
});

it("MIG-5: a service that fails every fifth request gets every record all the same", async () => {
  const all = records(3_000);
  const source = new MemorySource(() => all);
  const { emulator, store, target, requester } = await startService();
  let requests = 0;
  const shaky = new UpstashStore({
    name: "upstash",
    requester: {
      async request(request, options) {
        const fails = ++requests % 5 === 0;
        // The emulator answers 503 itself; every other time it has done the write before.
        if (fails && requests % 2 === 0) await requester.request(request, options);
        if (fails) emulator.setFaults({ isDown: true });
        try {
          return await requester.request(request, options);
        } finally {
          emulator.setFaults({ isDown: false });
        }
      },
    },
  });
  const report = await withLedger(temporaryDirectory(), (ledger) =>
    importRecords({
      source,
      target: { ...target, store: shaky },
      ledger,
      settings: { maximumBatch: 150, pauseMs: 1 },
    }),
  );
  expect(report.outcome).toBe("complete");
  expect(report.retries).toBeGreaterThan(3);
  expect(await contentOf(store)).toEqual(comparable(all));
});

it("MIG-5: a service that is down ends the import with what it said, after a few attempts", async () => {
  const source = new MemorySource(() => records(500));
  const { emulator, target } = await startService();
  const report = await withLedger(temporaryDirectory(), (ledger) => {
    const attempt = importRecords({
      source,
      target,
      ledger,
      settings: { concurrency: 1, pauseMs: 1, maximumFailures: 3 },
      onEvent,
    });
    return attempt;
  });
  function onEvent(event: ImportEvent): void {
    if (event.type === "batch-end") emulator.setFaults({ isDown: true });
  }
  expect(report).toMatchObject({ outcome: "failed", retries: 3 });
  expect(report.failure).toMatchObject({ code: "service", status: 503 });
});

it("MIG-5: stopped by its signal, it acknowledges the requests that were sent, and the next run continues", async () => {
  const directory = temporaryDirectory();
  const all = records(2_000);
  const source = new MemorySource(() => all);
  const { emulator, store, target } = await startService();
  emulator.setFaults({ latencyMs: 30 });
  const stop = new AbortController();
  const first = await withLedger(directory, (ledger) =>
    importRecords({
      source,
      target,
      ledger,
      settings: { maximumBatch: 150 },
      signal: stop.signal,
      onEvent: (event) => event.type === "batch-end" && stop.abort(),
    }),
  );
  expect(first.outcome).toBe("cancelled");
  expect(first.failure).toBeInstanceOf(CancelledError);
  expect(first.failure?.hint).toContain("continues where it stopped");
  expect(first.acknowledged).toBe(first.sent);
  expect((await contentOf(store)).length).toBe(first.acknowledged);
  const second = await withLedger(directory, (ledger) => importRecords({ source, target, ledger }));
  expect(second.outcome).toBe("complete");
  expect(second.skipped).toBeGreaterThan(0);
  expect(second.skipped).toBeLessThanOrEqual(first.acknowledged);
  expect(await contentOf(store)).toEqual(comparable(all));
});

it.each([
  { name: "a second signal aborts what is under way at once", isAborted: true, drainMs: 3_600_000 },
  { name: "what is under way has a bounded time to end", isAborted: false, drainMs: 50 },
])("MIG-5: an import that is stopped: $name", async ({ isAborted, drainMs }) => {
  const source = new MemorySource(() => records(500));
  const { target } = await startService();
  const stop = new AbortController();
  const abort = new AbortController();
  let begun = 0;
  // The service takes the first write and never answers it.
  const store = new Proxy(target.store, {
    get(of, name) {
      const value = Reflect.get(of, name);
      if (name !== "upsertRecords") return typeof value === "function" ? value.bind(of) : value;
      return (_: unknown, { signal }: CallOptions) =>
        new Promise((_resolve, reject) => {
          begun++;
          signal?.addEventListener("abort", () => reject(signal.reason));
        });
    },
  });
  const report = await withLedger(temporaryDirectory(), async (ledger) => {
    const running = importRecords({
      source,
      target: { ...target, store },
      ledger,
      settings: { drainMs },
      signal: stop.signal,
      abortSignal: abort.signal,
    });
    await expect.poll(() => begun).toBeGreaterThan(0);
    stop.abort();
    if (isAborted) abort.abort();
    return running;
  });
  expect(report).toMatchObject({ outcome: "cancelled", acknowledged: 0 });
});
