import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Application, createApplication } from "../../src/composition/application.ts";
import { openCutoverProtocol, type PairSettings } from "../../src/composition/cutover.ts";
import { readSettings } from "../../src/config/settings.ts";
import type { RoutedStore } from "../../src/cutover/routed-store.ts";
import { cutoverStatus } from "../../src/cutover/status.ts";
import { indexFile, startEmulator } from "../../src/embedded/index.ts";
import { SettingsError } from "../../src/foundation/errors.ts";
import type { Document } from "../../src/store/document.ts";
import { advanceTo, quiet } from "../cutover/pair.ts";
import { writeFormerQueue } from "../helpers/former-queue.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { denseSettings, documents, httpStore, idsIn } from "../store/policies/stores.ts";

const pairSettings: PairSettings = {
  copy: "text",
  callTimeoutMs: 200,
  readTimeoutMs: 200,
  readBoundMs: 5_000,
  shadowPercent: 0,
};

async function openApplication(): Promise<{
  application: Application;
  routed: RoutedStore;
  url: string;
  token: string;
}> {
  const emulator = await startEmulator();
  const settings = readSettings({
    STORE: "embedded",
    RAGFOOD_DIR: temporaryDirectory(),
    UPSTASH_VECTOR_REST_URL: emulator.url,
    UPSTASH_VECTOR_REST_TOKEN: emulator.token,
    CUTOVER_TO: "upstash",
    // The wait of a start, and the leases, follow from these.
    CUTOVER_CALL_TIMEOUT_MS: "2000",
    CUTOVER_ABANDONED_MS: "500",
    GENERATOR: "extractive",
  });
  const application = createApplication(settings);
  onTestFinished(async () => {
    await application.close();
    await emulator.close();
  });
  return { application, routed: application.routed as RoutedStore, url: emulator.url, token: emulator.token };
}

describe("an application with CUTOVER_TO (CUT-1)", () => {
  it("moves from the embedded index to a served one, and names the store that answered", async () => {
    const { application, routed, url, token } = await openApplication();
    await application.store.upsert(documents);
    const ask = async () => {
      let store = "";
      const { engine } = application;
      for await (const event of engine.stream("What is biryani?")) {
        if (event.kind === "answer") store = event.answer.store;
      }
      return store;
    };
    expect(await ask()).toBe("embedded");
    await advanceTo(routed, "target");
    await quiet(routed);
    expect(await ask()).toBe("upstash");
    const { control } = await cutoverStatus(routed.runtime.parts.protocol);
    expect(control.binding).toEqual({
      source: resolve(indexFile(application.settings.directory)),
      target: url,
    });
    const id = randomUUID();
    await application.store.upsert([{ id, text: "a new dish", metadata: {} }]);
    expect(await idsIn(httpStore(url, token))).toContain(id);
  });

  it("demands the present store and the index to move to", () => {
    expect(() => readSettings({ CUTOVER_TO: "upstash" })).toThrow(SettingsError);
    const cloud = {
      UPSTASH_VECTOR_REST_URL: "https://x.upstash.io",
      UPSTASH_VECTOR_REST_TOKEN: "token-of-an-index",
    };
    expect(() => readSettings({ CUTOVER_TO: "upstash", ...cloud })).toThrow(/STORE/);
  });
});

describe("a second copy of the index with FALLBACK_WRITES=copy (VEC-9)", () => {
  it("copies each write, keeps writes while the index is down, and carries an earlier queue over", async () => {
    const [primary, secondary] = [await startEmulator(), await startEmulator()];
    const settings = readSettings({
      RAGFOOD_DIR: temporaryDirectory(),
      UPSTASH_VECTOR_REST_URL: primary.url,
      UPSTASH_VECTOR_REST_TOKEN: primary.token,
      FALLBACK: "upstash",
      FALLBACK_WRITES: "copy",
      FALLBACK_VECTOR_REST_URL: secondary.url,
      FALLBACK_VECTOR_REST_TOKEN: secondary.token,
      OUTAGE_WRITES: "queue",
      // A busy machine may stand still for longer than a call takes.
      REQUEST_TIMEOUT_MS: "2000",
    });
    const [first, second, third] = documents as readonly [Document, Document, Document];
    const write = { operation: "upsert", documents: [first] };
    writeFormerQueue(join(settings.directory, "write-queue.sqlite"), [{ target: primary.url, write }]);
    const application = createApplication(settings);
    onTestFinished(async () => {
      await application.close();
      await secondary.close();
    });
    const { store } = application;
    await store.upsert([second]);
    const copies = httpStore(secondary.url, secondary.token);
    const ids = [first.id, second.id].sort();
    await expect.poll(async () => (await idsIn(copies)).sort()).toEqual(ids);
    // Once every process marks its writes, they wait for an index that is down.
    const { protocol, close } = openCutoverProtocol(settings, pairSettings, "secondary");
    await expect.poll(async () => (await cutoverStatus(protocol)).control.level).toBe("level");
    await close();
    await primary.close();
    let queued = "";
    await store.upsert([third], { onQueued: ({ store: name }) => (queued = name) });
    expect(queued).toBe("upstash");
    expect((await store.fetch([first.id]))[0]?.text).toBe(first.text);
  });
});

it("a second index that does not take the records gets no copy, and the first one goes on (VEC-9)", async () => {
  const [primary, secondary] = [await startEmulator(), await startEmulator({ settings: denseSettings })];
  const settings = readSettings({
    RAGFOOD_DIR: temporaryDirectory(),
    UPSTASH_VECTOR_REST_URL: primary.url,
    UPSTASH_VECTOR_REST_TOKEN: primary.token,
    FALLBACK: "upstash",
    FALLBACK_VECTOR_REST_URL: secondary.url,
    FALLBACK_VECTOR_REST_TOKEN: secondary.token,
    FALLBACK_WRITES: "copy",
    GENERATOR: "extractive",
  });
  const faults: string[] = [];
  const application = createApplication(settings, {
    onCutoverFault: ({ message }) => faults.push(message),
  });
  onTestFinished(async () => {
    await application.close();
    await primary.close();
    await secondary.close();
  });
  await application.store.upsert(documents);
  await expect.poll(() => faults).toEqual([expect.stringMatching(/^The second copy is not made: /)]);
  await application.store.upsert(documents);
  expect((await application.store.fetch(["pho"]))[0]?.id).toBe("pho");
  const { protocol, close } = openCutoverProtocol(settings, pairSettings, "secondary");
  const { control, marks } = await cutoverStatus(protocol);
  await close();
  expect([control.stage, marks.settled, marks.queued]).toEqual(["source", 0, 0]);
});

it("settings without CUTOVER_TO write neither store of a running cutover, and read them (CUT-3)", async () => {
  const { application, routed, url, token } = await openApplication();
  await application.store.upsert(documents);
  const common = { RAGFOOD_DIR: application.settings.directory, GENERATOR: "extractive" };
  const cloud = { UPSTASH_VECTOR_REST_URL: url, UPSTASH_VECTOR_REST_TOKEN: token };
  const without = (environment: Record<string, string>) => {
    const other = createApplication(readSettings({ ...common, ...environment }));
    onTestFinished(() => other.close());
    return other.store;
  };
  const source = without({ STORE: "embedded" });
  // Before the start it is a store like any other.
  await source.upsert(documents);
  await advanceTo(routed, "dual-write");
  await expect
    .poll(async () => (await cutoverStatus(routed.runtime.parts.protocol)).control.binding)
    .toBeDefined();
  for (const store of [without({ STORE: "embedded" }), without({ STORE: "upstash", ...cloud })]) {
    const refused = { code: "usage", message: expect.stringContaining("Nothing was written") };
    await expect(store.upsert(documents)).rejects.toMatchObject(refused);
    await expect(store.delete({ ids: ["pho"] })).rejects.toMatchObject(refused);
    await expect(store.reset()).rejects.toMatchObject(refused);
  }
  expect((await without({ STORE: "embedded" }).fetch(["pho"]))[0]?.id).toBe("pho");
});
