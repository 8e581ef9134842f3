import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createApplication } from "../../src/composition/application.ts";
import { readSettings } from "../../src/config/settings.ts";
import type { RoutedStore } from "../../src/cutover/routed-store.ts";
import { startEmulator } from "../../src/embedded/index.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import type { Document } from "../../src/store/document.ts";
import { saveCompleteCopy } from "../helpers/complete-copy.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { documents, httpStore } from "../store/policies/stores.ts";

async function saveLevel(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const state = openSqliteState(join(directory, "state.sqlite3"));
  await saveCompleteCopy(state);
  await state.close();
}

/** A served index with records, and a project whose second copy of it counts as complete. */
async function startPair() {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const directory = temporaryDirectory();
  const environment = {
    UPSTASH_VECTOR_REST_URL: emulator.url,
    UPSTASH_VECTOR_REST_TOKEN: emulator.token,
    FALLBACK: "embedded",
    FALLBACK_WRITES: "copy",
  };
  const stateDirectory = join(directory, ".ragfood");
  await saveLevel(stateDirectory);
  await httpStore(emulator.url, emulator.token).upsert(documents);
  return { directory, stateDirectory, environment };
}

describe("ragfood fallback verify (VEC-9)", () => {
  it("names a record that differs in the second copy, and has it copied again", async () => {
    const { directory, stateDirectory, environment } = await startPair();
    const copy = createApplication(readSettings({ STORE: "embedded", RAGFOOD_DIR: stateDirectory }));
    const [first, ...others] = documents as [Document, ...Document[]];
    await copy.store.upsert([{ ...first, text: "changed by hand" }, ...others]);
    await copy.close();
    const verify = (...words: string[]) =>
      runHere(["fallback", "verify", ...words], { directory, environment });
    expect(await verify("--repair")).toMatchObject({
      code: 1,
      out: expect.stringContaining(`  ${first.id}: the texts differ`),
      error: expect.stringContaining("1 record will be copied from the leading store again"),
    });
    await expect.poll(async () => (await verify()).code).toBe(0);
  });

  it("the copy is made again after `index repair` lost records, and no read goes there before", async () => {
    const { directory, stateDirectory, environment } = await startPair();
    const file = join(stateDirectory, "index.sqlite");
    const open = async () => {
      const application = createApplication(readSettings({ ...environment, RAGFOOD_DIR: stateDirectory }));
      onTestFinished(() => application.close());
      const { runtime, stores } = application.routed as RoutedStore;
      return { application, level: (await runtime.view()).control.level, runtime, stores };
    };
    const before = await open();
    await before.stores.target.upsert(documents);
    expect(before.level).toBe("level");
    await before.application.close();
    const bytes = readFileSync(file);
    bytes.fill(0, 0, 4_096);
    writeFileSync(file, bytes);
    rmSync(`${file}-wal`, { force: true });
    expect(await runHere(["index", "repair"], { directory, environment })).toMatchObject({
      out: expect.stringContaining("lost"),
      error: expect.stringContaining("running processes make all of it again"),
    });
    const after = await open();
    expect(after.level).toBe("touching");
    const level = async () => (await after.runtime.presence.look()).control.level;
    await expect.poll(level).toBe("level");
    const ids = documents.map(({ id }) => id);
    expect((await after.stores.target.fetch(ids)).map((record) => record?.id)).toEqual(ids);
  });

  it.each([
    ["without a second store", {}, "fallback verify", "Set FALLBACK and FALLBACK_WRITES=copy"],
    ["a store filled from a file", { FALLBACK: "embedded" }, "fallback verify", "ragfood ingest compares"],
    [
      "a second copy is no cutover",
      { FALLBACK: "embedded", FALLBACK_WRITES: "copy" },
      "cutover verify",
      "ragfood fallback verify",
    ],
  ])("says what to do: %s", async (_, more, words, hint) => {
    const environment = {
      UPSTASH_VECTOR_REST_URL: "https://example-us1-vector.upstash.io",
      UPSTASH_VECTOR_REST_TOKEN: "token-of-an-index-that-is-not-called",
      ...more,
    };
    const options = { directory: temporaryDirectory(), environment };
    expect(await runHere(words.split(" "), options)).toMatchObject({
      code: 2,
      error: expect.stringContaining(hint),
    });
  });
});
