import { describe, expect, it, onTestFinished, vi } from "vitest";
import { FallbackError } from "../../../src/foundation/errors.ts";
import { parseFilter } from "../../../src/store/filter.ts";
import { FallbackStore } from "../../../src/store/policies/fallback/fallback.ts";
import type { StoreFallback, VectorStore } from "../../../src/store/store.ts";
import { deadAddress, startServer } from "../../helpers/http-server.ts";
import { documents, httpStore, idsIn, memoryStore, servedStore } from "./stores.ts";

async function filledMemory(): Promise<VectorStore> {
  const store = memoryStore();
  onTestFinished(() => store.close());
  await store.upsert(documents);
  return store;
}

/** A primary whose every request gets this answer. */
async function answering(status: number, body: object, headers: Record<string, string> = {}) {
  const server = await startServer((_, response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
  });
  return { store: httpStore(server.url), received: server.received };
}

function seen() {
  const fallbacks: StoreFallback[] = [];
  return { fallbacks, onFallback: (fallback: StoreFallback) => void fallbacks.push(fallback) };
}

const patient = { deadlineMs: 60_000 };

/** The test moves the clock of deadlines and cool-downs: a deadline passes once the primary has the request. */
function stoppedClock(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
}

/** Waits until the primary has this many requests in all, and lets a deadline pass. */
async function missDeadline(received: readonly unknown[], count: number, deadlineMs: number): Promise<void> {
  await expect.poll(() => received).toHaveLength(count);
  vi.advanceTimersByTime(deadlineMs);
}

describe("FallbackStore (VEC-8)", () => {
  it.each([
    [429, { error: "slow down" }, "slow down"],
    [403, { error: "Exceeded daily query limit: 10000" }, "Exceeded daily query limit"],
    [500, { error: "out of order" }, "out of order"],
    [503, {}, "503"],
    [200, { odd: true }, "cannot be read"],
  ])("answers every read from the secondary if the primary answers %i %o", async (status, body, reason) => {
    const primary = await answering(status, body);
    const store = new FallbackStore({
      primary: primary.store,
      secondary: await filledMemory(),
      ...patient,
    });
    const { fallbacks, onFallback } = seen();
    const matches = await store.query({ text: "noodle soup", topK: 1 }, { onFallback });
    expect(matches.map(({ id }) => id)).toEqual(["pho"]);
    expect((await store.fetch(["brie"], { onFallback }))[0]?.id).toBe("brie");
    expect((await store.info({ onFallback })).recordCount).toBe(documents.length);
    expect(await store.listNamespaces({ onFallback })).toEqual([""]);
    const pages = [];
    for await (const page of store.range({ onFallback, pageSize: 2 })) pages.push(page.length);
    expect(pages).toEqual([2, 2, 1]);
    expect(fallbacks).toHaveLength(5);
    expect(fallbacks[0]).toMatchObject({ store: "embedded", reason: expect.stringContaining(reason) });
  });

  it("answers from the secondary if nothing listens", async () => {
    const primary = httpStore(await deadAddress());
    const store = new FallbackStore({ primary, secondary: await filledMemory(), ...patient });
    const { fallbacks, onFallback } = seen();
    expect(await store.query({ text: "soup", topK: 2 }, { onFallback })).toHaveLength(2);
    expect(fallbacks[0]?.reason).toMatch(/No connection to .*ECONNREFUSED/);
  });

  it.each([
    [400, "invalid-request"],
    [401, "authentication"],
    [403, "forbidden"],
    [404, "not-found"],
    [422, "invalid-request"],
  ])("hands a %i to the caller, who alone can mend it", async (status, code) => {
    const primary = await answering(status, { error: "no" });
    const store = new FallbackStore({ primary: primary.store, secondary: await filledMemory(), ...patient });
    const { fallbacks, onFallback } = seen();
    for (let attempt = 0; attempt < 4; attempt++) {
      await expect(store.query({ text: "soup", topK: 1 }, { onFallback })).rejects.toMatchObject({ code });
    }
    expect(fallbacks).toEqual([]);
    expect(primary.received.length).toBeGreaterThanOrEqual(4);
  });

  it("does not wait for a slow primary past the deadline, ends its call and ignores its late answer", async () => {
    let ended = 0;
    const late: (() => void)[] = [];
    const server = await startServer((_, response) => {
      response.on("close", () => ended++);
      late.push(() => void response.end('{"result":[]}'));
    });
    const store = new FallbackStore({
      primary: httpStore(server.url),
      secondary: await filledMemory(),
      deadlineMs: 50,
    });
    const { fallbacks, onFallback } = seen();
    stoppedClock();
    const fetched = store.fetch(["pho"], { onFallback });
    await missDeadline(server.received, 1, 50);
    expect(await fetched).toMatchObject([{ id: "pho" }]);
    await expect.poll(() => ended).toBe(1);
    for (const answer of late) answer();
    expect(late).toHaveLength(1);
    expect(fallbacks).toEqual([
      {
        store: "embedded",
        reason: "upstash failed: No answer within 50 ms.",
        publicReason: "upstash failed.",
      },
    ]);
  });

  it("pauses a dead slow primary after two failures, and returns to it", async () => {
    let isSlow = true;
    const real = await servedStore();
    await real.store.upsert(documents);
    const gate = await startServer(async (received, response) => {
      if (isSlow) return;
      const answer = await fetch(`${real.server.url}${received.url}`, {
        method: received.method,
        headers: { Authorization: `Bearer ${real.server.token}` },
        body: received.body,
      });
      response.end(await answer.text());
    });
    const store = new FallbackStore({
      primary: httpStore(gate.url),
      secondary: await filledMemory(),
      deadlineMs: 40,
      coolDownMs: 2_000,
    });
    const { fallbacks, onFallback } = seen();
    stoppedClock();
    for (let question = 1; question <= 20; question++) {
      const fetched = store.fetch(["pho"], { onFallback });
      if (question <= 2) await missDeadline(gate.received, question, 40);
      await fetched;
    }
    expect(fallbacks).toHaveLength(20);
    expect(gate.received).toHaveLength(2);
    expect(fallbacks[19]?.reason).toBe(
      "upstash is left alone for a moment, because it failed: No answer within 40 ms.",
    );
    isSlow = false;
    vi.advanceTimersByTime(2_000);
    await store.fetch(["pho"], { onFallback });
    expect(gate.received).toHaveLength(3);
    expect(fallbacks).toHaveLength(20);
  });

  it("asks a recovering primary one call at a time", async () => {
    const server = await startServer(() => {});
    const store = new FallbackStore({
      primary: httpStore(server.url),
      secondary: await filledMemory(),
      deadlineMs: 60,
      coolDownMs: 1,
    });
    stoppedClock();
    for (const count of [1, 2]) {
      const fetched = store.fetch(["pho"]);
      await missDeadline(server.received, count, 60);
      await fetched;
    }
    vi.advanceTimersByTime(60);
    const answered: number[] = [];
    const asked = Array.from({ length: 10 }, (_, place) =>
      store.fetch(["pho"]).then(() => answered.push(place)),
    );
    // The first one tries it, and the others do not wait for that.
    await Promise.all(asked.slice(1));
    expect(answered).not.toContain(0);
    await missDeadline(server.received, 3, 60);
    await asked[0];
    expect(server.received).toHaveLength(3);
  });

  it("never mixes the pages of two stores", async () => {
    const { store: primary, server } = await servedStore();
    await primary.upsert(documents);
    const store = new FallbackStore({ primary, secondary: await filledMemory(), ...patient });
    const { fallbacks, onFallback } = seen();
    const pages = store.range({ pageSize: 2, onFallback });
    expect((await pages.next()).value).toHaveLength(2);
    server.setFaults({ isDown: true });
    await expect(pages.next()).rejects.toMatchObject({ code: "service" });
    expect(fallbacks).toEqual([]);
    const whole = [];
    for await (const page of store.range({ onFallback })) whole.push(...page);
    expect(whole).toHaveLength(documents.length);
    expect(fallbacks).toHaveLength(1);
  });

  it("does not let an empty secondary say that nothing was found", async () => {
    const empty = memoryStore();
    onTestFinished(() => empty.close());
    await empty.upsert(documents, { namespace: "other" });
    const store = new FallbackStore({
      primary: httpStore(await deadAddress()),
      secondary: empty,
      ...patient,
    });
    const failure = await store.query({ text: "soup", topK: 1 }).catch((error) => error);
    expect(failure).toBeInstanceOf(FallbackError);
    expect(failure.message).toMatch(/No connection.*holds nothing in the default namespace/);
    expect(failure).toMatchObject({ primary: { code: "connection" }, secondary: { code: "not-found" } });
    expect(failure.hint).toContain("ragfood ingest");
    expect(await store.query({ text: "soup", topK: 1 }, { namespace: "other" })).toHaveLength(1);
  });

  it("names both if neither answers", async () => {
    const store = new FallbackStore({
      primary: httpStore(await deadAddress()),
      secondary: (await answering(401, { error: "wrong token" })).store,
      ...patient,
    });
    await expect(store.query({ text: "soup", topK: 1 })).rejects.toMatchObject({
      code: "fallback",
      primary: { code: "connection" },
      secondary: { code: "authentication" },
    });
  });

  it("writes to the primary alone, and never to the secondary in its place", async () => {
    const { store: primary, server } = await servedStore();
    const secondary = await filledMemory();
    const store = new FallbackStore({ primary, secondary, ...patient });
    await store.upsert([{ id: "new", text: "new", metadata: {} }]);
    expect(await idsIn(primary)).toEqual(["new"]);
    expect(await idsIn(secondary)).not.toContain("new");
    server.setFaults({ isDown: true });
    const writes: (() => Promise<unknown>)[] = [
      () => store.upsert(documents),
      () => store.upsertRecords([{ id: "x", vector: [1] }]),
      () => store.update({ id: "pho", text: "x" }),
      () => store.delete({ filter: parseFilter("type = 'Soup'") }),
      () => store.reset(),
      () => store.deleteNamespace("other"),
    ];
    for (const write of writes) await expect(write()).rejects.toMatchObject({ code: "service" });
    expect(await idsIn(secondary)).toEqual(documents.map(({ id }) => id));
  });

  it("ends with the caller's signal, at once and without an answer", async () => {
    const server = await startServer(() => {});
    const store = new FallbackStore({
      primary: httpStore(server.url),
      secondary: await filledMemory(),
      deadlineMs: 60_000,
    });
    const { fallbacks, onFallback } = seen();
    const stop = new AbortController();
    const asked = store.query({ text: "soup", topK: 1 }, { signal: stop.signal, onFallback });
    await expect.poll(() => server.received).toHaveLength(1);
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: "cancelled" });
    expect(fallbacks).toEqual([]);
  });
});
