import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
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
