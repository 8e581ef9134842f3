import { expect, it } from "vitest";
import type { RoutedStore } from "../../src/cutover/routed-store.ts";
import { claimCopies, recordCopies } from "../../src/cutover/rules/copy.ts";
import { cutoverHistory, cutoverStatus } from "../../src/cutover/status.ts";
import { RateLimitError } from "../../src/foundation/errors.ts";
import type { FileIds } from "../../src/state/cutover/rows.ts";
import type { Document } from "../../src/store/document.ts";
import { documents, idsIn, memoryStore } from "../store/policies/stores.ts";
import { advanceTo, change, Pair, PluggedStore, quiet, shortTiming } from "./pair.ts";

const first = { source: "https://first.example", target: "https://second.example" };
const ids = documents.map(({ id }) => id).sort();
const [added] = documents.map((document): Document => ({ ...document, id: "added" }));

/** A process that is set to these stores; with `copiesAgain`, the target is a second copy, which starts by itself. */
function join(
  pair: Pair,
  stores: typeof first,
  copiesAgain = false,
  beforeStart?: () => Promise<void>,
  files?: FileIds,
): RoutedStore {
  const starts = { startsItself: copiesAgain, ...(beforeStart && { beforeStart }) };
  return pair.join({}, shortTiming, undefined, { stores, copiesAgain, ...(files && { files }) }, starts);
}

async function levelPair(copiesAgain: boolean) {
  const pair = new Pair();
  const store = join(pair, first, copiesAgain);
  await pair.source.upsert(documents);
  await advanceTo(store, "dual-write");
  await isLevel(store);
  return { pair, store };
}

async function isLevel(store: RoutedStore): Promise<void> {
  await store.runtime.view();
  await expect.poll(async () => (await store.runtime.presence.look()).control.level).toBe("level");
  await quiet(store);
}

/** An empty index in the place of the target. */
function replaceTarget(pair: Pair): void {
  pair.target = new PluggedStore(memoryStore(undefined, "target"));
}

it("a cutover refuses another target until it was rolled back (CUT-3)", async () => {
  const { pair, store } = await levelPair(false);
  replaceTarget(pair);
  const other = join(pair, { ...first, target: "https://third.example" });
  await expect(other.upsert(documents)).rejects.toMatchObject({
    code: "settings",
    message: expect.stringMatching(/third\.example.* belongs to https:\/\/second\.example.*cutover rollback/),
  });
  await expect(other.fetch(["pho"])).rejects.toMatchObject({ code: "settings" });
  await change(store, "rollback");
  await expect.poll(async () => (await store.runtime.presence.look()).control.isRecording).toBe(false);
  await store.runtime.close();
  const again = join(pair, { ...first, target: "https://third.example" });
  await advanceTo(again, "dual-write");
  await isLevel(again);
  expect((await idsIn(pair.target)).sort()).toEqual(ids);
});

it("a cutover refuses another source, whose writes are not those that wait (CUT-3)", async () => {
  const { pair } = await levelPair(false);
  const other = join(pair, { ...first, source: "https://third.example" });
  await expect(other.upsert(documents)).rejects.toThrow(
    /The source of the cutover is https:\/\/third\.example/,
  );
});

it("a new and empty second store does not count as level: the copy is made from the beginning (VEC-9)", async () => {
  const { pair, store } = await levelPair(true);
  replaceTarget(pair);
  await pair.target.upsert([{ ...(added as Document), id: "foreign" }]);
  const other = join(pair, { ...first, target: "https://third.example" }, true);
  await expect(other.upsert(documents)).rejects.toThrow(
    /second\.example.* Other processes still use that one/,
  );
  await store.runtime.close();
  expect((await other.runtime.view()).control).toMatchObject({ stage: "source", level: "none" });
  await isLevel(other);
  expect((await idsIn(pair.target)).sort()).toEqual(ids);
  expect(await cutoverHistory(other.runtime.parts.protocol, 3)).toMatchObject([
    { event: "start" },
    { event: "settle" },
    { event: "other stores", to: "source", reason: expect.stringContaining("third.example") },
  ]);
  // The process with the former settings neither copies nor writes any more.
  await expect(store.upsert([added as Document])).rejects.toThrow(
    /second\.example.* give all processes the same/,
  );
  await other.upsert([added as Document]);
  await quiet(other);
  expect((await idsIn(pair.target)).sort()).toEqual(["added", ...ids].sort());
});

it("a new second store is compared before it gets a copy, also while the copy to the former one runs: with another dimension, writes go to the index alone, and nothing waits for it (VEC-9)", async () => {
  const { pair, store } = await levelPair(true);
  // What waits for the index, which is down, is kept.
  pair.source.isDown = true;
  await store.upsert([added as Document]);
  await store.runtime.close();
  replaceTarget(pair);
  let comparisons = 0;
  const other = join(pair, { ...first, target: "https://third.example" }, true, async () => {
    comparisons++;
    throw new Error("The index holds vectors of 1,024 dimensions, and the second store takes 768.");
  });
  await other.runtime.view();
  pair.source.isDown = false;
  const control = async () => (await other.runtime.presence.look()).control;
  await expect.poll(async () => (await control()).isRecording).toBe(false);
  await expect.poll(() => comparisons).toBeGreaterThan(0);
  expect((await idsIn(pair.source)).sort()).toEqual(["added", ...ids].sort());
  await other.delete({ ids: ["added"] });
  const { marks } = await cutoverStatus(other.runtime.parts.protocol);
  expect([marks, await idsIn(pair.target), (await control()).stage]).toEqual([
    { open: 0, settled: 0, queued: 0, touches: 0, bytes: 0 },
    [],
    "source",
  ]);
  expect(pair.faults.map(({ message }) => message).join()).toContain("1,024 dimensions");
});

it("the copy of an index does not become the copy of another one, unless it is new too (VEC-9)", async () => {
  const { pair, store } = await levelPair(true);
  await store.runtime.close();
  const otherSource = { ...first, source: "https://third.example" };
  await expect(join(pair, otherSource, true).upsert(documents)).rejects.toThrow(
    /name another second store too/,
  );
  replaceTarget(pair);
  const other = join(pair, { source: "https://third.example", target: "https://fourth.example" }, true);
  await isLevel(other);
  const { control } = await cutoverStatus(other.runtime.parts.protocol);
  expect(control.binding).toEqual({ source: "https://third.example", target: "https://fourth.example" });
  expect((await idsIn(pair.target)).sort()).toEqual(ids);
});

it("the second store is changed while its copy runs: the new one gets every record, and late results of the former count for nothing (VEC-9)", async () => {
  const pair = new Pair();
  await pair.source.upsert(documents);
  const store = join(pair, first, true);
  pair.target.fault = new RateLimitError("target", "busy");
  await advanceTo(store, "dual-write");
  const level = async (of: RoutedStore) => (await of.runtime.presence.look()).control.level;
  await expect.poll(() => level(store)).toBe("draining");
  const { protocol } = store.runtime.parts;
  await store.runtime.close();
  // A process that was killed in the middle of its copies: they reach the former store, and it records them late.
  const claimed = async () => (await claimCopies(protocol, "killed", documents.length))?.keys ?? [];
  let copied = await claimed();
  await expect.poll(async () => (copied = copied.length > 0 ? copied : await claimed())).not.toEqual([]);
  replaceTarget(pair);
  const other = join(pair, { ...first, target: "https://third.example" }, true);
  await other.runtime.view();
  expect(await level(other)).not.toBe("level");
  await expect(recordCopies(protocol, "killed", copied)).rejects.toThrow(/second\.example/);
  expect(await level(other)).not.toBe("level");
  await isLevel(other);
  expect((await idsIn(pair.target)).sort()).toEqual(ids);
});

it("a second store whose file was repaired or made again is not level, and not read, until it has every record again, also after a kill in between (VEC-9)", async () => {
  const pair = new Pair();
  const open = (target: string) => join(pair, first, true, undefined, { target });
  await pair.source.upsert(documents);
  const store = open("file");
  await advanceTo(store, "dual-write");
  await isLevel(store);
  await store.runtime.close();
  // The same file is level at once.
  const same = open("file");
  expect((await same.runtime.view()).control.level).toBe("level");
  await same.runtime.close();
  replaceTarget(pair);
  await pair.target.upsert(documents.slice(0, 1));
  pair.target.fault = new RateLimitError("target", "busy");
  const other = open("repaired");
  expect((await other.runtime.view()).control.level).toBe("touching");
  await other.runtime.close();
  const again = open("repaired");
  expect((await again.runtime.view()).control.level).not.toBe("level");
  pair.source.isDown = true;
  await expect(again.fetch(["pho"])).rejects.toThrow(/unplugged/);
  pair.source.isDown = false;
  pair.target.fault = undefined;
  await isLevel(again);
  expect((await idsIn(pair.target)).sort()).toEqual(ids);
  pair.source.isDown = true;
  await expect(again.fetch(["pho"])).resolves.toMatchObject([{ id: "pho" }]);
  const history = await cutoverHistory(again.runtime.parts.protocol, 1);
  expect(history).toMatchObject([{ event: "level again", reason: expect.stringContaining("repaired") }]);
});
