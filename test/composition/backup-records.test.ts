import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createStore } from "../../src/composition/application.ts";
import { recordsPart } from "../../src/composition/backups/records-part.ts";
import { readSettings } from "../../src/config/settings.ts";
import { startEmulator } from "../../src/embedded/index.ts";
import { chooseBackup, listBackups } from "../../src/operations/backups/catalog.ts";
import { createBackup } from "../../src/operations/backups/create.ts";
import { drillBackup, restorePart } from "../../src/operations/backups/restore.ts";
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
    const { summary } = await drillBackup(part, entry, backupsDirectory);
    expect(summary).toBe("6 records restored into an index, each equal to that of the backup");
    expect(readdirSync(backupsDirectory)).toHaveLength(2);
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
});
