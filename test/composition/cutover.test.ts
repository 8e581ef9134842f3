import { randomUUID } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Application, createApplication } from "../../src/composition/application.ts";
import { readSettings } from "../../src/config/settings.ts";
import type { RoutedStore } from "../../src/cutover/routed-store.ts";
import { startEmulator } from "../../src/embedded/index.ts";
import { SettingsError } from "../../src/foundation/errors.ts";
import { advanceTo, quiet } from "../cutover/pair.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { documents, httpStore, idsIn } from "../store/policies/stores.ts";

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
    // The wait of a start, and the leases, follow from it.
    CUTOVER_CALL_TIMEOUT_MS: "100",
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
  it("moves from the embedded index to a served one, and names the store that answered", {
    timeout: 40_000,
  }, async () => {
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
