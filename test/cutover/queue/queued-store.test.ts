import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { drain } from "../../../src/cutover/queue/drain.ts";
import { adoptWrites, discardElsewhere, writesElsewhere } from "../../../src/cutover/queue/pairs.ts";
import { discardParked, parkedWrite, retryParked } from "../../../src/cutover/queue/parked.ts";
import { queueStatus } from "../../../src/cutover/queue/status.ts";
import { cutoverHistory } from "../../../src/cutover/status.ts";
import { InvalidRequestError, QueueFullError } from "../../../src/foundation/errors.ts";
import { SqlCutoverRows } from "../../../src/state/cutover/sql-rows.ts";
import { parseFilter } from "../../../src/store/filter.ts";
import type { VectorStore, WriteQueued } from "../../../src/store/store.ts";
import { deadAddress, startServer } from "../../helpers/http-server.ts";
import { describeUnless, mountObstacle } from "../../helpers/obstacles.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { documents, httpStore, idsIn, memoryStore, servedStore } from "../../store/policies/stores.ts";
import { type Lone, type LoneOptions, loneStore, target } from "./lone.ts";

const never = new AbortController().signal;
const author = { who: "test", reason: "to see" };
const food = (id: string, n: number) => ({ id, text: `food ${n}`, metadata: { n } });

/** A queued store over a server that can be taken down; it sends queued writes only on request. */
async function setUp(options: LoneOptions = {}) {
  const { store: inner, server } = await servedStore();
  const events: WriteQueued[] = [];
  const onQueued = (queued: WriteQueued) => void events.push(queued);
  return { ...loneStore(inner, options), inner, server, events, onQueued };
}

/** Sends all queued writes, also those that wait for the outcome of an older one. */
const send = ({ parts, endLeases }: Lone) => {
  endLeases();
  return drain({ parts, signal: never });
};
const statusOf = ({ parts }: Pick<Lone, "parts">) => queueStatus(parts.protocol);

async function numberOf(store: VectorStore, id: string): Promise<unknown> {
  return (await store.fetch([id]))[0]?.metadata?.n;
}

describe("a store with an outbox (VEC-8)", () => {
  it("passes writes on while the store takes them, with their results", async () => {
    const lone = await setUp();
    const { store, events, onQueued } = lone;
    await store.upsert(documents, { onQueued });
    expect(await store.delete({ ids: ["pho", "nothing"] }, { onQueued })).toBe(1);
    expect(await store.update({ id: "nothing", text: "x" }, { onQueued })).toBe(false);
    expect(events).toEqual([]);
    expect(await statusOf(lone)).toMatchObject({ waiting: 0, bytes: 0, oldest: undefined });
  });

  it("queues every kind of write during an outage, says so, and carries them out in order after it", async () => {
    const lone = await setUp();
    const { store, inner, server, events, onQueued } = lone;
    await inner.upsert(documents);
    await inner.upsert(documents, { namespace: "old" });
    server.setFaults({ isDown: true });
    await store.upsert([food("a", 1), food("b", 1)], { onQueued });
    const change = { id: "a", metadata: { extra: 2 }, mergeMetadata: true };
    expect(await store.update(change, { onQueued })).toBe(true);
    const filter = parseFilter("n = 1 AND HAS NOT FIELD extra");
    expect(await store.delete({ filter }, { onQueued })).toBe(0);
    await store.upsertRecords([{ id: "s", text: "by text", metadata: {} }], { onQueued });
    await store.deleteNamespace("old", { onQueued });
    expect(events).toHaveLength(5);
    expect(events[0]).toEqual({ store: "upstash", reason: "Service Unavailable" });
    expect(events[1]?.reason).toBe("Older writes to the same record wait.");
    server.setFaults({ isDown: false });
    expect(await idsIn(store)).toEqual(documents.map(({ id }) => id));
    expect(await statusOf(lone)).toMatchObject({ waiting: 6, oldest: { id: "a", operation: "document" } });
    expect(await send(lone)).toEqual({ carriedOut: 6, parked: 0, stoppedBy: undefined });
    expect(await idsIn(store)).toEqual([...documents.map(({ id }) => id), "a", "s"]);
    expect((await store.fetch(["a"]))[0]?.metadata).toEqual({ n: 1, extra: 2 });
    expect(await store.listNamespaces()).toEqual([""]);
    expect(await statusOf(lone)).toMatchObject({ waiting: 0, bytes: 0 });
  });

  it("puts a write behind older ones of its record, and past those of another", async () => {
    const lone = await setUp();
    const { store, inner, server, events, onQueued } = lone;
    server.setFaults({ isDown: true });
    await store.upsert([food("a", 1)], { onQueued });
    server.setFaults({ isDown: false });
    await store.upsert([food("a", 2)], { onQueued });
    await store.upsert([food("b", 3)], { onQueued });
    expect(events).toHaveLength(2);
    expect(await idsIn(inner)).toEqual(["b"]);
    await send(lone);
    expect(await numberOf(inner, "a")).toBe(2);
    await store.upsert([food("a", 4)], { onQueued });
    expect(await numberOf(inner, "a")).toBe(4);
    expect(events).toHaveLength(2);
  });

  it("sends queued writes when the store is back, also those of an earlier process", async () => {
    const options = { retryMs: 5, leaseMs: 500 };
    const { store, inner, server, stateFile } = await setUp(options);
    server.setFaults({ isDown: true });
    await store.upsert([food("a", 1)]);
    await store.upsert([food("a", 2)]);
    await store.close();
    server.setFaults({ isDown: false });
    loneStore(inner, { ...options, stateFile });
    await expect.poll(() => numberOf(inner, "a")).toBe(2);
  });

  it.each([
    [401, "authentication"],
    [403, "forbidden"],
    [422, "invalid-request"],
  ])("does not queue what the store answers with %i: the error reaches the caller", async (status, code) => {
    const { url } = await startServer((_, response) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end('{"error":"no"}');
    });
    const lone = loneStore(httpStore(url));
    await expect(lone.store.upsert([food("a", 1)])).rejects.toMatchObject({ code });
    expect((await statusOf(lone)).waiting).toBe(0);
  });

  it("queues nothing for a caller who has given up", async () => {
    const lone = await setUp();
    lone.server.setFaults({ isDown: true });
    await lone.store.upsert([food("a", 1)]);
    const late = lone.store.upsert([food("c", 2)], { signal: AbortSignal.abort() });
    await expect(late).rejects.toMatchObject({ code: "cancelled" });
    expect((await statusOf(lone)).waiting).toBe(1);
  });

  it("refuses what does not fit, whole, and names the reason that it was queued for", async () => {
    const lone = loneStore(httpStore(await deadAddress()), { maximumBytes: 300_000 });
    const many = Array.from({ length: 10_000 }, (_, place) => food(`id-${place}`, place));
    const failure = await lone.store.upsert(many).catch((error) => error);
    expect(failure).toBeInstanceOf(QueueFullError);
    expect(failure.message).toMatch(/No connection .* has no room/);
    expect(await statusOf(lone)).toMatchObject({ waiting: 0, bytes: 0 });
    await lone.store.upsert(many.slice(0, 1_000));
    expect((await statusOf(lone)).waiting).toBe(1_000);
  });

  it("keeps numbers and typed vectors exactly", async () => {
    const lone = loneStore(httpStore(await deadAddress()));
    const vector = Float32Array.of(0.1, -2.5e-8, 3);
    await lone.store.upsertRecords([{ id: "v", vector }]);
    const [write] = await lone.parts.protocol.transaction(async (rows) => rows.queuedWrites(0, 1));
    const { record } = JSON.parse(write?.operation ?? "");
    expect(Float32Array.from(record.vector)).toEqual(vector);
  });

  it("takes no write for a namespace that the state store would keep as another", async () => {
    const lone = loneStore(memoryStore());
    for (const namespace of ["a\0b", "\ud800"]) {
      await expect(lone.store.reset({ namespace })).rejects.toBeInstanceOf(InvalidRequestError);
    }
  });
});

describe("a queued write that the store refuses", () => {
  /** Three writes wait, of which the store refuses the second. */
  async function refused() {
    const lone = await setUp();
    lone.server.setFaults({ isDown: true });
    await lone.store.upsert([food("a", 1)]);
    await lone.store.upsert([{ id: "bad", text: "x", metadata: { much: "x".repeat(60_000) } }]);
    await lone.store.upsert([food("a", 2)]);
    lone.server.setFaults({ isDown: false });
    return { ...lone, result: await send(lone) };
  }

  it("is parked with the reason, and lets the others pass", async () => {
    const lone = await refused();
    expect(lone.result).toEqual({ carriedOut: 2, parked: 1, stoppedBy: undefined });
    expect(await numberOf(lone.inner, "a")).toBe(2);
    const { parked, waiting } = await statusOf(lone);
    expect(waiting).toBe(0);
    expect(parked).toMatchObject([{ id: "bad", operation: "document" }]);
    expect(parked[0]?.reason).toMatch(/metadata/i);
  });

  it("is shown, queued again or dropped, and the history says who decided it", async () => {
    const lone = await refused();
    const { protocol } = lone.parts;
    const sequence = (await statusOf(lone)).parked[0]?.sequence ?? 0;
    expect((await parkedWrite(protocol, sequence))?.operation).toContain("much");
    expect(await parkedWrite(protocol, 77)).toBeUndefined();
    expect(await retryParked(protocol, { sequence: 77 }, author)).toBe(0);
    expect(await retryParked(protocol, { sequence }, author)).toBe(1);
    await send(lone);
    expect((await statusOf(lone)).parked).toHaveLength(1);
    expect(await discardParked(protocol, "all", author)).toBe(1);
    expect(await statusOf(lone)).toMatchObject({ parked: [], bytes: 0 });
    expect(await cutoverHistory(protocol, 9)).toMatchObject([
      { event: "discard of a parked write", who: "test", reason: "to see" },
      { event: "retry of a parked write", who: "test" },
    ]);
  });

  it("is not one that a person has to give leave for: a wrong token stops the sending", async () => {
    const { url } = await startServer((_, response) => {
      response.writeHead(401, { "Content-Type": "application/json" }).end('{"error":"Unauthorized"}');
    });
    const { stateFile, store } = loneStore(httpStore(await deadAddress()));
    await store.upsert([food("a", 1)]);
    const lone = loneStore(httpStore(url), { stateFile });
    const result = await send(lone);
    expect(result).toMatchObject({ carriedOut: 0, parked: 0, stoppedBy: { code: "authentication" } });
    expect(await statusOf(lone)).toMatchObject({
      waiting: 1,
      oldest: { attempts: 1, reason: "upstash: Unauthorized" },
    });
  });
});

describe("a damaged write of the outbox", () => {
  it.each([
    ["its operation is cut", "UPDATE cutover_marks SET operation = substr(operation, 1, 40) WHERE id = 'b'"],
    [
      "a letter of it is another",
      "UPDATE cutover_marks SET operation = replace(operation, 'food', 'foot') WHERE id = 'b'",
    ],
    ["its namespace is another", "UPDATE cutover_marks SET namespace = 'x' WHERE id = 'b'"],
    ["it stands in another place", "UPDATE cutover_marks SET sequence = 900 WHERE id = 'b'"],
  ])("is found, parked and never sent, and the others are sent: %s", async (_name, sql) => {
    const { stateFile, store } = loneStore(httpStore(await deadAddress()));
    for (const [place, id] of ["a", "b", "c"].entries()) await store.upsert([food(id, place)]);
    const database = new DatabaseSync(stateFile);
    database.exec(sql);
    database.close();
    const inner = memoryStore();
    const lone = loneStore(inner, { stateFile });
    expect((await statusOf(lone)).damaged).toHaveLength(1);
    expect(await send(lone)).toEqual({ carriedOut: 2, parked: 1, stoppedBy: undefined });
    expect(await idsIn(inner)).toEqual(["a", "c"]);
    const { parked, damaged } = await statusOf(lone);
    expect(parked[0]?.reason).toContain("damaged");
    expect(damaged).toEqual([parked[0]?.sequence]);
    expect(await retryParked(lone.parts.protocol, "all", author)).toBe(0);
    expect(await discardParked(lone.parts.protocol, "all", author)).toBe(1);
  });
});

describe("writes for a former index", () => {
  it("are not sent to another one, unless they are moved or dropped", async () => {
    const lone = loneStore(memoryStore());
    const addTo = (url: string, id: string) =>
      lone.state.transaction(async (session) => {
        const rows = new SqlCutoverRows(session, `outage ${url}`);
        const sequence = await rows.takeSequences(1);
        const operation = JSON.stringify({ kind: "document", document: food(id, 1) });
        const times = { lease: 0, opened: 0 };
        const write = { sequence, namespace: "", id, operation, isTouch: false, tag: "", ...times };
        await rows.addMarks([{ ...write, status: "queued" }]);
      });
    await addTo("https://former.example", "b");
    await addTo("https://older.example", "c");
    expect(await send(lone)).toMatchObject({ carriedOut: 0 });
    const pair = `outage ${target}`;
    expect(await writesElsewhere(lone.state, pair)).toEqual({
      "https://former.example": 1,
      "https://older.example": 1,
    });
    const from = (name: string) => ({ name, pair, author: { who: "operator", reason: "a new index" } });
    expect(await adoptWrites(lone.state, from("https://former.example"))).toBe(1);
    expect(await discardElsewhere(lone.state, from("https://older.example"))).toBe(1);
    expect(await cutoverHistory(lone.parts.protocol, 10)).toMatchObject([
      { event: "discard of 1 write for https://older.example", who: "operator", reason: "a new index" },
      { event: "retry of 1 write for https://former.example", who: "operator", reason: "a new index" },
    ]);
    expect(await send(lone)).toMatchObject({ carriedOut: 1 });
    expect(await idsIn(lone.store)).toEqual(["b"]);
    expect(await writesElsewhere(lone.state, pair)).toEqual({});
  });
});

const script = fileURLToPath(new URL("./full-disk.js", import.meta.url));

describeUnless(mountObstacle, "on a full disk", () => {
  it("the outbox is drained, and a write that finds no space is refused and not called queued", () => {
    const directory = temporaryDirectory();
    const command = `mount -t tmpfs -o size=10m none "${directory}" && exec "${process.execPath}" "${script}" "${directory}"`;
    const { stdout, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", command], { encoding: "utf8" });
    expect(stderr).toBe("");
    const { refused, waiting, carriedOut, stoppedBy } = JSON.parse(stdout);
    expect({ refused, stoppedBy }).toEqual({ refused: 1, stoppedBy: null });
    expect(waiting).toBeGreaterThanOrEqual(30);
    expect(carriedOut).toBe(waiting);
  });
});
