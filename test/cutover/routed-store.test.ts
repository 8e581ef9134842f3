import { describe, expect, it, vi } from "vitest";
import { canaryPlace } from "../../src/cutover/canary.ts";
import type { ShadowComparison } from "../../src/cutover/shadow.ts";
import { cutoverStatus } from "../../src/cutover/status.ts";
import {
  AuthenticationError,
  ConnectionError,
  InvalidRequestError,
  OutcomeUnknownError,
  TimeoutError,
} from "../../src/foundation/errors.ts";
import type { Document } from "../../src/store/document.ts";
import type { VectorStore } from "../../src/store/store.ts";
import { documents, idsIn } from "../store/policies/stores.ts";
import { advanceTo, change, Pair, quiet, shortTiming } from "./pair.ts";

const [first, second] = documents as readonly [Document, Document];

function documentOf(id: string, text: string): Document {
  return { id, text, metadata: { text } };
}

async function textOf(store: VectorStore, id: string): Promise<string | undefined> {
  return (await store.fetch([id]))[0]?.text;
}

describe("a routed store before the start (CUT-1)", () => {
  it("writes and reads the source alone", async () => {
    const pair = new Pair();
    const store = pair.join();
    await store.upsert(documents);
    expect(await idsIn(store)).toHaveLength(documents.length);
    expect(await idsIn(pair.target)).toEqual([]);
    expect(store.name).toBe("source");
    expect((await store.runtime.presence.look()).first).toBeUndefined();
  });
});

describe("a routed store in the stages (CUT-1, CUT-3)", () => {
  it("brings the target level: it gets what it lacks and loses what the source does not hold", async () => {
    const pair = new Pair();
    const store = pair.join();
    await pair.source.upsert(documents);
    await pair.target.upsert([
      documentOf("foreign", "not in the source"),
      documentOf(first.id, "another text"),
    ]);
    await advanceTo(store, "shadow-read");
    expect((await idsIn(pair.target)).sort()).toEqual((await idsIn(pair.source)).sort());
    expect(await textOf(pair.target, first.id)).toBe(first.text);
  });

  it("copies writes, changes and deletions to the follower, in both directions", async () => {
    const pair = new Pair();
    const store = pair.join();
    await store.upsert([first, second]);
    await advanceTo(store, "dual-write");
    await store.upsert([documentOf("a", "one"), documentOf("b", "two")]);
    await store.update({ id: "a", metadata: { more: 1 }, mergeMetadata: true });
    expect(await store.delete({ ids: ["b"] })).toBe(1);
    await quiet(store);
    expect((await pair.target.fetch(["a", "b"])).map((record) => record?.metadata)).toEqual([
      { text: "one", more: 1 },
      undefined,
    ]);
    await advanceTo(store, "target");
    await store.upsert([documentOf("c", "three")]);
    await quiet(store);
    expect(await textOf(pair.source, "c")).toBe("three");
    expect(store.name).toBe("target");
  });

  it("names the store that fails, once for all records that wait for it", async () => {
    const pair = new Pair();
    const store = pair.join();
    await advanceTo(store, "dual-write");
    pair.target.fault = new AuthenticationError("upstash", "Invalid auth token");
    await store.upsert([documentOf("a", "one"), documentOf("b", "two"), documentOf("c", "three")]);
    const { protocol } = store.runtime.parts;
    await expect
      .poll(async () => (await cutoverStatus(protocol)).failing)
      .toMatchObject([{ records: 3, key: undefined, reason: "upstash: Invalid auth token" }]);
    pair.target.fault = undefined;
    await quiet(store);
    expect((await cutoverStatus(protocol)).failing).toEqual([]);
  });

  it("is followed by another process within a second", async () => {
    const pair = new Pair();
    const [one, other] = [pair.join(), pair.join()];
    await Promise.all([one.runtime.view(), other.runtime.view()]);
    await advanceTo(one, "canary", 100);
    await expect.poll(() => other.runtime.presence.view?.control.canaryPercent).toBe(100);
  });

  it("sends a share of the questions to the target, the same ones each time", async () => {
    const pair = new Pair();
    const store = pair.join();
    await store.upsert(documents);
    await advanceTo(store, "canary", 30);
    const served = new Map<string, string>();
    for (let round = 0; round < 2; round++) {
      for (let number = 0; number < 60; number++) {
        const text = `question ${number}`;
        await store.query(
          { text, topK: 1 },
          {
            onServed: ({ store: name }) => {
              expect(served.get(text) ?? name).toBe(name);
              served.set(text, name);
            },
          },
        );
      }
    }
    const expected = Array.from({ length: 60 }, (_, number) => {
      return canaryPlace({ text: `question ${number}`, topK: 1 }) < 30 ? "target" : "source";
    });
    expect([...served.values()]).toEqual(expected);
    expect(expected.filter((name) => name === "target").length).toBeGreaterThan(8);
  });

  it("asks the target too in `shadow-read`, after the user has the answer, and a dead one harms nobody", async () => {
    const pair = new Pair();
    const comparisons: ShadowComparison[] = [];
    const store = pair.join({
      shadow: { sampling: 1, onComparison: (comparison) => comparisons.push(comparison) },
    });
    await store.upsert(documents);
    await advanceTo(store, "shadow-read");
    await store.query({ text: first.text, topK: 2 });
    await expect.poll(() => comparisons).toHaveLength(1);
    expect(comparisons[0]).toMatchObject({ overlap: 1, isSameFirst: true, error: undefined });
    pair.target.isDown = true;
    expect(await store.query({ text: first.text, topK: 2 })).toHaveLength(2);
    await expect.poll(() => comparisons[1]?.error).toBeDefined();
  });

  it("resolves a deletion by prefix or filter, and a reset, to the records of both stores", async () => {
    const pair = new Pair();
    const store = pair.join();
    await store.upsert([documentOf("x-1", "one"), documentOf("x-2", "two"), documentOf("y", "three")]);
    await advanceTo(store, "shadow-read");
    expect(await store.delete({ prefix: "x-" })).toBe(2);
    await quiet(store);
    expect(await idsIn(pair.target)).toEqual(["y"]);
    await pair.target.upsert([documentOf("z", "only there")]);
    await store.reset();
    await quiet(store);
    expect([await idsIn(pair.source), await idsIn(pair.target)]).toEqual([[], []]);
  });
});

describe("a reset of a large namespace (CUT-3, rule 16)", () => {
  const many = Array.from({ length: 1_001 }, (_, place) => documentOf(`id-${place}`, "many"));

  it("queues one write, behind which later writes wait, and empties both stores", async () => {
    const pair = new Pair();
    await pair.source.upsert(many);
    const store = pair.join();
    await advanceTo(store, "shadow-read");
    pair.source.isDown = true;
    const reasons: string[] = [];
    const onQueued = ({ reason }: { reason: string }) => reasons.push(reason);
    await store.reset({ onQueued });
    await store.upsert([documentOf("id-7", "later")], { onQueued });
    expect(reasons).toHaveLength(2);
    const { marks } = await cutoverStatus(store.runtime.parts.protocol);
    expect(marks.queued).toBe(2);
    pair.source.isDown = false;
    await quiet(store);
    expect([await idsIn(pair.source), await idsIn(pair.target)]).toEqual([["id-7"], ["id-7"]]);
    expect(await textOf(pair.target, "id-7")).toBe("later");
  });

  it("deletes record by record while the start is not complete", async () => {
    const pair = new Pair();
    await pair.source.upsert(many);
    // A busy machine needs time to mark and to delete so many.
    const leases = { markLeaseMs: 20_000, claimLeaseMs: 20_000, heartbeatLeaseMs: 20_000 };
    const store = pair.join({}, { ...shortTiming, landingMs: 1_000, ...leases });
    await store.runtime.view();
    await change(store, "start");
    await store.runtime.presence.look();
    await store.reset();
    expect(await idsIn(pair.source)).toEqual([]);
    await quiet(store);
    expect(await idsIn(pair.target)).toEqual([]);
  });

  it("empties the leading store in one call before the start", async () => {
    const pair = new Pair();
    await pair.source.upsert(many);
    const store = pair.join();
    await store.reset();
    expect(await idsIn(pair.source)).toEqual([]);
  });

  it("refuses an empty id, which stands for the whole namespace", async () => {
    const store = new Pair().join();
    await expect(store.upsert([documentOf("", "no id")])).rejects.toThrow(/empty/);
  });
});

describe("a routed store when a store is down (CUT-2, CUT-3)", () => {
  it("does not send a write twice once nothing is queued: the first could land after a later write", async () => {
    const pair = new Pair();
    const store = pair.join();
    await advanceTo(store, "target");
    await expect.poll(async () => (await change(store, "finish")).isDone).toBe(true);
    await store.runtime.presence.look();
    const [first] = documents;
    const calls = pair.target.calls;
    pair.target.fault = new TimeoutError("target", "No answer.");
    await expect(store.upsert([first as Document])).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(pair.target.calls - calls).toBe(1);
    // The caller is told why, and not that something could not be queued.
    pair.target.fault = new ConnectionError("target", "It is unplugged.", { mayHaveArrived: false });
    await expect(store.upsert([first as Document])).rejects.toThrow("It is unplugged.");
    expect(pair.target.calls - calls).toBe(2);
  });

  it("queues writes durably while the leader is down, and applies them in order", async () => {
    const pair = new Pair();
    const store = pair.join();
    await advanceTo(store, "shadow-read");
    pair.source.isDown = true;
    const queued: string[] = [];
    const onQueued = ({ store: name }: { store: string }) => queued.push(name);
    await store.upsert([documentOf("a", "one")], { onQueued });
    await store.upsert([documentOf("a", "two")], { onQueued });
    expect(queued).toEqual(["source", "source"]);
    pair.source.isDown = false;
    await quiet(store);
    expect([await textOf(pair.source, "a"), await textOf(pair.target, "a")]).toEqual(["two", "two"]);
  });

  it("reads from the other store when the leader fails, and names it", async () => {
    const pair = new Pair();
    const store = pair.join();
    await store.upsert(documents);
    await advanceTo(store, "target");
    await quiet(store);
    pair.target.isDown = true;
    const fallbacks: string[] = [];
    const [record] = await store.fetch([first.id], {
      onFallback: ({ store: name }) => fallbacks.push(name),
    });
    expect(record?.text).toBe(first.text);
    expect(fallbacks).toEqual(["source"]);
  });

  it("loses no request with a dead source in `dual-write`, from the moment at which the target is level", async () => {
    const pair = new Pair();
    const store = pair.join();
    await store.upsert(documents);
    await advanceTo(store, "dual-write");
    await expect.poll(async () => (await store.runtime.presence.look()).control.level).toBe("level");
    await quiet(store);
    pair.source.isDown = true;
    const served: string[] = [];
    const onServed = ({ store: name }: { store: string }) => served.push(name);
    // The first request that fails, and those after it.
    for (let read = 0; read < 3; read++) await store.fetch([first.id], { onServed });
    expect(served).toEqual(["target", "target", "target"]);
    const queued: string[] = [];
    const onQueued = ({ store: name }: { store: string }) => queued.push(name);
    for (const text of ["one", "two", "three"]) await store.upsert([documentOf("a", text)], { onQueued });
    expect(queued).toEqual(["source", "source", "source"]);
  });

  it("rolls back from a dead target: reads at once, and no acknowledged write is lost", async () => {
    const pair = new Pair();
    const store = pair.join();
    await store.upsert(documents);
    await advanceTo(store, "target");
    await quiet(store);
    await store.upsert([documentOf("a", "one")]);
    pair.target.isDown = true;
    await store.upsert([documentOf("b", "two")]);
    await change(store, "rollback");
    await store.upsert([documentOf("c", "three")]);
    expect((await store.runtime.presence.look()).control.hold?.to).toBe("source");
    let served = "";
    await store.query({ text: "one", topK: 1 }, { onServed: ({ store: name }) => (served = name) });
    expect(served).toBe("source");
    // An answer for which no store is asked names this one.
    expect(store.name).toBe("source");
    await expect
      .poll(async () => (await store.runtime.presence.look()).control)
      .toMatchObject({ stage: "source", isRecording: false });
    expect(await Promise.all(["a", "b", "c"].map((id) => textOf(pair.source, id)))).toEqual([
      "one",
      "two",
      "three",
    ]);
  });

  it("reports no certain failure for a write of which an earlier part is stored, and says how much", async () => {
    const pair = new Pair();
    const store = pair.join();
    const many = Array.from({ length: 250 }, (_, place) => documentOf(`${place}`, "text"));
    const refusal = new InvalidRequestError("source", "It is refused.", { hint: "Shorten it." });
    const send = pair.source.upsert.bind(pair.source);
    let calls = 0;
    vi.spyOn(pair.source, "upsert").mockImplementation(async (...values) => {
      if (++calls === 2) throw refusal;
      await send(...values);
    });
    await expect(store.upsert(many)).rejects.toMatchObject({
      code: "outcome-unknown",
      message: "100 of 250 records are stored or queued. The next ones failed: It is refused.",
      hint: expect.stringMatching(/^Shorten it\. Then write all of them again/),
      cause: refusal,
    });
    expect(await idsIn(pair.source)).toHaveLength(100);
    // Nothing of this one is stored.
    calls = 1;
    await expect(store.upsert(many)).rejects.toBe(refusal);
  });

  it("reports an unknown outcome before the start is complete", async () => {
    const pair = new Pair();
    const store = pair.join();
    await store.runtime.view();
    vi.spyOn(pair.source, "upsert").mockImplementation(() => new Promise(() => {}));
    await expect(store.upsert([first])).rejects.toBeInstanceOf(OutcomeUnknownError);
  });
});
