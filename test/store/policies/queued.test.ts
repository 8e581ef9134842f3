import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { QueueFullError, StorageError } from "../../../src/foundation/errors.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { parseFilter } from "../../../src/store/filter.ts";
import { drain } from "../../../src/store/policies/queue/drain.ts";
import { QueuedStore } from "../../../src/store/policies/queue/queued.ts";
import { WriteQueue, type WriteQueueOptions } from "../../../src/store/policies/queue/write-queue.ts";
import type { VectorStore, WriteQueued } from "../../../src/store/store.ts";
import { deadAddress, startServer } from "../../helpers/http-server.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { documents, httpStore, idsIn, memoryStore, servedStore } from "./stores.ts";

const target = "https://index.example";
const never = new AbortController().signal;

function openQueue(options: Partial<WriteQueueOptions> = {}): WriteQueue {
  const queue = new WriteQueue({ path: join(temporaryDirectory(), "queue.sqlite"), ...options });
  onTestFinished(() => queue.close());
  return queue;
}

/** A queued store over a server that can be taken down; it sends queued writes only on request. */
async function setUp(retryMs = 3_600_000) {
  const { store: inner, server } = await servedStore();
  const queue = openQueue();
  const store = new QueuedStore({ store: inner, queue, target, retryMs });
  onTestFinished(() => store.close());
  const events: WriteQueued[] = [];
  const onQueued = (queued: WriteQueued) => void events.push(queued);
  return { store, inner, server, queue, events, onQueued };
}

const food = (id: string, n: number) => ({ id, text: `food ${n}`, metadata: { n } });

async function numberOf(store: VectorStore, id: string): Promise<unknown> {
  return (await store.fetch([id]))[0]?.metadata?.n;
}

describe("QueuedStore (VEC-8)", () => {
  it("passes writes on while the store takes them, with their results", async () => {
    const { store, queue, events, onQueued } = await setUp();
    await store.upsert(documents, { onQueued });
    expect(await store.delete({ ids: ["pho", "nothing"] }, { onQueued })).toBe(1);
    expect(await store.update({ id: "nothing", text: "x" }, { onQueued })).toBe(false);
    expect(events).toEqual([]);
    expect(queue.status(target)).toMatchObject({ waiting: 0, bytes: 0, oldest: undefined });
  });

  it("queues every kind of write during an outage, says so, and carries them out in order after it", async () => {
    const { store, inner, server, queue, events, onQueued } = await setUp();
    await inner.upsert(documents);
    await inner.upsert(documents, { namespace: "old" });
    server.setFaults({ isDown: true });
    await store.upsert([food("a", 1), food("b", 1)], { onQueued });
    expect(await store.update({ id: "a", metadata: { extra: 2 }, mergeMetadata: true }, { onQueued })).toBe(
      true,
    );
    expect(await store.delete({ filter: parseFilter("n = 1 AND HAS NOT FIELD extra") }, { onQueued })).toBe(
      0,
    );
    await store.upsertRecords([{ id: "s", text: "by text", metadata: {} }], { onQueued });
    await store.deleteNamespace("old", { onQueued });
    expect(events).toHaveLength(5);
    expect(events[0]).toEqual({ store: "upstash", reason: "Service Unavailable" });
    expect(events[1]?.reason).toBe("Older writes to the same namespace wait for upstash.");
    server.setFaults({ isDown: false });
    expect(await idsIn(store)).toEqual(documents.map(({ id }) => id));
    expect(queue.status(target)).toMatchObject({ waiting: 5, oldest: { operation: "upsert", records: 2 } });
    expect(await drain({ queue, store: inner, target, signal: never })).toEqual({
      carriedOut: 5,
      parked: 0,
      stoppedBy: undefined,
    });
    expect(await idsIn(store)).toEqual([...documents.map(({ id }) => id), "a", "s"]);
    expect((await store.fetch(["a"]))[0]?.metadata).toEqual({ n: 1, extra: 2 });
    expect(await store.listNamespaces()).toEqual([""]);
    expect(queue.status(target)).toMatchObject({ waiting: 0, bytes: 0 });
  });

  it("puts a write behind older ones of its namespace, and past those of another", async () => {
    const { store, inner, server, queue, events, onQueued } = await setUp();
    server.setFaults({ isDown: true });
    await store.upsert([food("a", 1)], { onQueued });
    server.setFaults({ isDown: false });
    await store.upsert([food("a", 2)], { onQueued });
    await store.upsert([food("a", 3)], { namespace: "other", onQueued });
    expect(events).toHaveLength(2);
    expect(await idsIn(inner)).toEqual([]);
    expect(await idsIn(inner, "other")).toEqual(["a"]);
    await drain({ queue, store: inner, target, signal: never });
    expect(await numberOf(inner, "a")).toBe(2);
    await store.upsert([food("a", 4)], { onQueued });
    expect(await numberOf(inner, "a")).toBe(4);
    expect(events).toHaveLength(2);
  });

  it("sends queued writes when the store is back, also those of an earlier process", async () => {
    const { store, inner, server, queue } = await setUp(5);
    server.setFaults({ isDown: true });
    await store.upsert([food("a", 1)]);
    await store.upsert([food("a", 2)]);
    server.setFaults({ isDown: false });
    await expect.poll(() => queue.status(target).waiting).toBe(0);
    expect(await numberOf(inner, "a")).toBe(2);

    queue.add(target, "", { operation: "upsert", documents: [food("a", 3)] }, "left behind");
    const next = new QueuedStore({ store: inner, queue: new WriteQueue({ path: queue.path }), target });
    await expect.poll(() => numberOf(inner, "a")).toBe(3);
    await next.close();
  });

  it.each([
    [401, "authentication"],
    [403, "forbidden"],
    [422, "invalid-request"],
  ])("does not queue what the store answers with %i: the error reaches the caller", async (status, code) => {
    const { url } = await startServer((_, response) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end('{"error":"no"}');
    });
    const queue = openQueue();
    const store = new QueuedStore({ store: httpStore(url), queue, target });
    await expect(store.upsert([food("a", 1)])).rejects.toMatchObject({ code });
    expect(queue.hasWaiting(target)).toBe(false);
  });

  it("queues nothing for a caller who has given up", async () => {
    const { store, server, queue } = await setUp();
    server.setFaults({ isDown: true });
    await store.upsert([food("a", 1)]);
    await expect(store.upsert([food("a", 2)], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(queue.status(target).waiting).toBe(1);
  });
});

describe("a queued write that the store refuses", () => {
  it("is parked with the reason, lets the others pass, and can be queued again or discarded", async () => {
    const { inner, queue } = await setUp();
    const unfit = { id: "bad", text: "x", metadata: { much: "x".repeat(60_000) } };
    queue.add(target, "", { operation: "upsert", documents: [food("a", 1)] }, "down");
    queue.add(target, "", { operation: "upsert", documents: [unfit, food("b", 1)] }, "down");
    queue.add(target, "", { operation: "upsert", documents: [food("a", 2)] }, "down");
    const result = await drain({ queue, store: inner, target, signal: never });
    expect(result).toEqual({ carriedOut: 2, parked: 1, stoppedBy: undefined });
    expect(await numberOf(inner, "a")).toBe(2);
    const { parked, waiting } = queue.status(target);
    expect(waiting).toBe(0);
    expect(parked).toMatchObject([{ sequence: 2, operation: "upsert", records: 2, attempts: 1 }]);
    expect(parked[0]?.reason).toMatch(/metadata/i);

    expect(queue.retry(target, 77)).toBe(0);
    expect(queue.retry(target, 2)).toBe(1);
    expect(queue.nextBatch(target)?.sequences).toEqual([4]);
    await drain({ queue, store: inner, target, signal: never });
    expect(queue.status(target).parked).toMatchObject([{ sequence: 4, attempts: 2 }]);
    expect(queue.discard(target)).toBe(1);
    expect(queue.status(target)).toMatchObject({ parked: [], bytes: 0 });
  });

  it("is not one that a person has to give leave for: a wrong token stops the sending", async () => {
    const { url } = await startServer((_, response) => {
      response.writeHead(401, { "Content-Type": "application/json" }).end('{"error":"Unauthorized"}');
    });
    const queue = openQueue();
    queue.add(target, "", { operation: "reset" }, "down");
    const result = await drain({ queue, store: httpStore(url), target, signal: never });
    expect(result).toMatchObject({ carriedOut: 0, parked: 0, stoppedBy: { code: "authentication" } });
    expect(queue.status(target)).toMatchObject({
      waiting: 1,
      oldest: { attempts: 1, reason: "Unauthorized" },
    });
  });
});

describe("WriteQueue", () => {
  it("refuses what does not fit, whole, and names the reason that it was queued for", async () => {
    const queue = openQueue({ maximumBytes: 300_000 });
    const store = new QueuedStore({ store: httpStore(await deadAddress()), queue, target });
    const many = Array.from({ length: 10_000 }, (_, place) => food(`id-${place}`, place));
    const failure = await store.upsert(many).catch((error) => error);
    expect(failure).toBeInstanceOf(QueueFullError);
    expect(failure.message).toMatch(/No connection .* has no room/);
    expect(queue.status(target)).toMatchObject({ waiting: 0, bytes: 0 });
    await store.upsert(many.slice(0, 2_500));
    expect(queue.status(target).waiting).toBe(3);
  });

  it("keeps numbers and typed vectors exactly", async () => {
    const queue = openQueue();
    const vector = Float32Array.of(0.1, -2.5e-8, 3);
    queue.add(target, "", { operation: "upsertRecords", records: [{ id: "v", vector }] }, "down");
    const write = queue.nextBatch(target)?.write as { records: StoreRecord[] } | undefined;
    expect(Float32Array.from(write?.records[0]?.vector ?? [])).toEqual(vector);
  });

  it("does not send the writes for one index to another", async () => {
    const queue = openQueue();
    queue.add("https://former.example", "", { operation: "reset" }, "down");
    const store = memoryStore();
    onTestFinished(() => store.close());
    expect(await drain({ queue, store, target, signal: never })).toMatchObject({ carriedOut: 0 });
    expect(queue.status(target)).toMatchObject({ waiting: 0, elsewhere: { "https://former.example": 1 } });
  });

  it("lets one at a time take writes out", async () => {
    const queue = openQueue();
    const beside = new WriteQueue({ path: queue.path });
    onTestFinished(() => beside.close());
    await queue.exclusively(async () => {
      await expect(beside.exclusively(async () => {})).rejects.toMatchObject({ code: "queue-busy" });
      beside.add(target, "", { operation: "reset" }, "down");
    });
    expect(await beside.exclusively(async () => beside.status(target).waiting)).toBe(1);
  });

  it("refuses a file of a later version, and one that is no queue", () => {
    const queue = openQueue();
    const database = new DatabaseSync(queue.path);
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => new WriteQueue({ path: queue.path })).toThrow(/later version/);
    expect(() => new WriteQueue({ path: join("/proc", "no", "queue.sqlite") })).toThrow(StorageError);
  });
});
