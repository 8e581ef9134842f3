import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { archiveDirectory } from "../../../src/operations/backups/archive.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

function filled(): { directory: string; into: string } {
  const parent = temporaryDirectory();
  const directory = join(parent, "chroma_db");
  mkdirSync(directory);
  writeFileSync(join(directory, "chroma.sqlite3"), "records");
  return { directory, into: join(parent, "backups") };
}

describe("the archive of a directory that is no longer needed (CUT-4)", () => {
  it("is compared, has a checksum in the form of sha256sum, and leaves the directory in place", async () => {
    const { directory, into } = filled();
    const { path, checksumFile, isOriginalRemoved } = await archiveDirectory(directory, into);
    expect([isOriginalRemoved, existsSync(directory)]).toEqual([false, true]);
    const sum = createHash("sha256").update(readFileSync(path)).digest("hex");
    expect(readFileSync(checksumFile, "utf8")).toBe(`${sum}  ${basename(path)}\n`);
    expect(execFileSync("tar", ["tzf", path], { encoding: "utf8" })).toContain("chroma_db/chroma.sqlite3");
  });

  it("is made once, and removes the directory only if it is still the same", async () => {
    const { directory, into } = filled();
    const first = await archiveDirectory(directory, into);
    const again = await archiveDirectory(directory, into, { removeOriginal: true });
    expect(again).toMatchObject({ path: first.path, isOriginalRemoved: true });
    expect(existsSync(directory)).toBe(false);
    expect(readFileSync(again.checksumFile, "utf8")).toBe(
      `${first.checksum}  ${first.path.slice(into.length + 1)}\n`,
    );
  });
});
