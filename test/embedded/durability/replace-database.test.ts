import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { defaultSettings, repairIndex, restoreBackup, VectorIndex } from "../../../src/embedded/index.ts";
import { compactIndex } from "../../../src/embedded/storage/compact.ts";
import { storageFile } from "../../../src/sqlite/failures.ts";
import { replaceDatabase } from "../../../src/sqlite/files.ts";
import { rebuild } from "../../../src/sqlite/repair.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

it("a repair whose new file cannot be put in place leaves the damaged file in its place", () => {
  const directory = temporaryDirectory();
  const path = join(directory, "index.sqlite");
  writeFileSync(path, "damaged");
  // Nothing is written to the draft, so that it cannot take the place.
  expect(() => rebuild(storageFile(path, "The index"), () => undefined)).toThrow(/ENOENT/);
  expect(readFileSync(path, "utf8")).toBe("damaged");
});

it("a new database that cannot be put in place leaves the old one with its log, which has acknowledged writes", () => {
  const directory = temporaryDirectory();
  const path = join(directory, "index.sqlite");
  writeFileSync(path, "old");
  writeFileSync(`${path}-wal`, "log");
  writeFileSync(join(directory, "draft"), "new");
  expect(() => replaceDatabase(join(directory, "missing"), path)).toThrow(/ENOENT/);
  expect(readFileSync(`${path}-wal`, "utf8")).toBe("log");
  replaceDatabase(join(directory, "draft"), path);
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(readdirSync(directory)).toEqual(["index.sqlite"]);
});

it("a repaired, restored or new index has another file id, which opening and compacting keep", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "index.sqlite");
  const fileId = () => {
    const index = VectorIndex.open({ path, settings: defaultSettings });
    index.close();
    return index.fileId;
  };
  const created = fileId();
  compactIndex(path);
  expect(fileId()).toBe(created);
  const index = VectorIndex.open({ path, settings: defaultSettings });
  const backup = join(directory, "backup.sqlite");
  await index.backup(backup);
  index.close();
  repairIndex(path, defaultSettings);
  const repaired = fileId();
  restoreBackup(backup, path, { overwrite: true });
  const restored = fileId();
  rmSync(path);
  const all = [created, repaired, restored, fileId()];
  expect(all).not.toContain(undefined);
  expect(new Set(all).size).toBe(4);
});
