import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createStore } from "../../src/composition/application.ts";
import { recordsPart } from "../../src/composition/backups/records-part.ts";
import { readSettings } from "../../src/config/settings.ts";
import { startEmulator } from "../../src/embedded/index.ts";
import { chooseBackup, listBackups, namedBackup } from "../../src/operations/backups/catalog.ts";
import { createBackup } from "../../src/operations/backups/create.ts";
import { backupJobs } from "../../src/operations/backups/jobs.ts";
import { expiredBackups } from "../../src/operations/backups/prune.ts";
import { drillNewest, restorePart } from "../../src/operations/backups/restore.ts";
import { backupSection } from "../../src/operations/backups/section.ts";
import { dense } from "../helpers/index-settings.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** A cloud index of two namespaces, served by the emulator. */
async function cloud(environment: Record<string, string> = {}) {
  const emulator = await startEmulator({ settings: dense, token: "full-token-of-the-test", port: 0 });
  onTestFinished(() => emulator.close());
  const directory = temporaryDirectory();
  const variables = {
    RAGFOOD_DIR: join(directory, ".ragfood"),
    UPSTASH_VECTOR_REST_URL: emulator.url,
    UPSTASH_VECTOR_REST_TOKEN: "full-token-of-the-test",
    ...environment,
  };
  const settings = readSettings(variables);
  const backupsDirectory = join(directory, "backups");
  const part = recordsPart({ settings, environment: variables, backupsDirectory });
  const store = createStore(settings);
  onTestFinished(() => store.close());
  for (const namespace of ["", "tenant-b"]) {
    await store.upsertRecords(
      ["a", "b", "c"].map((id, place) => ({
        id,
        text: `text of ${id} in "${namespace}"`,
        metadata: { region: "India", place },
        vector: Array.from({ length: dense.dimension }, (_, at) => (at === place ? 1 : 0.25)),
      })),
      { namespace },
    );
  }
  return { part, store, backupsDirectory };
}

describe("a backup of an index in the cloud (OPS-7)", () => {
  it("holds every record of every namespace, and is proven by a drill", async () => {
    const { part, backupsDirectory } = await cloud();
    await createBackup(part, backupsDirectory);
    const entry = chooseBackup(backupsDirectory, part, undefined);
    expect(entry).toMatchObject({ kind: "records", isEncrypted: false });
    const { summary } = await drillNewest(part, backupsDirectory);
    expect(summary).toBe("6 records restored into an index, each equal to that of the backup");
    expect(readdirSync(backupsDirectory)).toHaveLength(2);
  });

  it("holds namespaces named like members of every object", async () => {
    const { part, store, backupsDirectory } = await cloud();
    const vector = Array(dense.dimension).fill(1);
    const names = ["__proto__", "constructor", "toString"];
    for (const namespace of names) await store.upsertRecords([{ id: "a", text: "a", vector }], { namespace });
    const { namespaces } = await store.info();
    expect(names.map((name) => namespaces[name])).toEqual([1, 1, 1]);
    await createBackup(part, backupsDirectory);
    expect((await drillNewest(part, backupsDirectory)).summary).toContain("9 records restored");
    for (const namespace of names) await store.deleteNamespace(namespace);
    const left = (await store.info()).namespaces;
    expect(names.map((name) => left[name])).toEqual([undefined, undefined, undefined]);
    const entry = chooseBackup(backupsDirectory, part, undefined);
    await restorePart(part, entry, backupsDirectory, { replace: true });
    const restored = (await store.info()).namespaces;
    expect(names.map((name) => restored[name])).toEqual([1, 1, 1]);
  });

  it("is restored over what was changed, after a backup of the present records (CUT-5)", async () => {
    const { part, store, backupsDirectory } = await cloud();
    await createBackup(part, backupsDirectory);
    const entry = chooseBackup(backupsDirectory, part, undefined);
    await store.update({ id: "a", text: "changed" }, { namespace: "tenant-b" });
    await store.delete({ ids: ["b"] });
    await store.upsertRecords([{ id: "new", text: "later", vector: Array(dense.dimension).fill(1) }]);
    await expect(restorePart(part, entry, backupsDirectory, { replace: false })).rejects.toThrow(
      "holds 6 records. Nothing was changed.",
    );
    const restored = await restorePart(part, entry, backupsDirectory, { replace: true });
    expect(restored.summary).toContain("6 records, each compared with the backup");
    expect(restored.notes.join()).toContain("1 record that the backup does not have");
    expect(listBackups(backupsDirectory).map(({ path }) => path)).toContain(restored.aside);
    const [changed] = await store.fetch(["a"], { namespace: "tenant-b" });
    expect(changed?.text).toBe('text of a in "tenant-b"');
    expect((await store.fetch(["b"]))[0]?.metadata).toEqual({ region: "India", place: 1 });
  });

  it("is not replaced as the newest backup by the copy that a restore makes of damaged records", async () => {
    const { part, store, backupsDirectory } = await cloud();
    const { path: asked } = await createBackup(part, backupsDirectory);
    const chosen = () => chooseBackup(backupsDirectory, part, undefined);
    await store.update({ id: "a", text: "spoilt" });
    const { aside = "" } = await restorePart(part, chosen(), backupsDirectory, { replace: true });

    const [copy, regular] = listBackups(backupsDirectory);
    expect(copy).toMatchObject({ path: aside, reason: "before-restore", verifiedAt: expect.any(String) });
    expect(regular).toMatchObject({ path: asked, reason: undefined });
    expect(chosen().path).toBe(asked);
    await restorePart(part, chosen(), backupsDirectory, { replace: true });
    expect((await store.fetch(["a"]))[0]?.text).toBe('text of a in ""');

    const [drill] = backupJobs({
      parts: () => [part],
      directory: backupsDirectory,
      retentionDays: 30,
      schedule: undefined,
      drillSchedule: "* * * * *",
    });
    const proven = await drill?.run({ signal: new AbortController().signal } as never);
    expect(proven?.details).toMatchObject({ proven: [{ path: asked }] });
    const entries = listBackups(backupsDirectory);
    expect(backupSection(entries, [], Date.now()).details).toMatchObject({
      parts: [{ path: asked }],
      count: 1,
    });
    const inYears = expiredBackups(backupsDirectory, 30, Date.now() + 400 * 86_400_000);
    expect(inYears.map(({ path }) => path)).not.toContain(asked);
    expect(inYears).toHaveLength(2);

    await restorePart(part, namedBackup(aside, part), backupsDirectory, { replace: true });
    expect((await store.fetch(["a"]))[0]?.text).toBe("spoilt");
  });
});
