import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeDirectories } from "../../src/foundation/directories.ts";
import { DraftDirectory } from "../../src/foundation/draft-directory.ts";
import { draftOf, removeAbandonedDrafts } from "../../src/foundation/drafts.ts";
import { replaceFile } from "../../src/foundation/durable-file.ts";
import { StorageError } from "../../src/foundation/errors.ts";
import { makeTemporaryDirectory } from "../../src/foundation/temporary-directory.ts";
import { itUnless, notOnLinux } from "../helpers/obstacles.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** The id of a process that has ended. */
const ended = spawnSync(process.execPath, ["-e", ""]).pid;

describe("drafts of files and directories", () => {
  const ownerOf = (directory: string) =>
    /\.([^.]+)\.draft$/.exec(draftOf(join(directory, "x")))?.[1] as string;

  it("are removed if their process has ended, with what SQLite keeps beside them, and kept if it runs", () => {
    const directory = temporaryDirectory();
    const own = draftOf(join(directory, "index.sqlite"));
    const parent = own.replace(`.${process.pid}-`, `.${process.ppid}-`);
    const dead = own.replace(`.${process.pid}-`, `.${ended}-`);
    for (const path of [own, parent, dead, `${dead}-wal`]) writeFileSync(path, "");
    removeAbandonedDrafts(directory);
    expect([own, parent, dead, `${dead}-wal`].map((path) => existsSync(path))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("of an earlier process with the same id are removed, as of a container that was started again", () => {
    const directory = temporaryDirectory();
    const owner = ownerOf(directory).replace(/[0-9a-f]{8}-\d+$/, "00000000-1");
    writeFileSync(join(directory, `a.${owner}.draft`), "");
    removeAbandonedDrafts(directory);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("of another machine are removed an hour after the last write", () => {
    const directory = temporaryDirectory();
    const [young, old] = ["young", "old"].map((name) =>
      join(directory, `${name}.1-00000000-00000000-1.draft`),
    );
    for (const path of [young, old]) writeFileSync(path as string, "");
    utimesSync(old as string, new Date(), new Date(Date.now() - 3_700_000));
    removeAbandonedDrafts(directory);
    expect(readdirSync(directory)).toEqual(["young.1-00000000-00000000-1.draft"]);
  });

  it("leaves every other file alone", () => {
    const directory = temporaryDirectory();
    const names = ["essay.draft", "film.partial", "letter.1.draft.txt", "notes.owner"];
    for (const name of names) writeFileSync(join(directory, name), "");
    removeAbandonedDrafts(directory);
    expect(readdirSync(directory)).toEqual(names);
  });

  it("a directory that a killed process was filling gives way to the next one; a running one does not", () => {
    const directory = temporaryDirectory();
    const target = join(directory, "out");
    const owner = ownerOf(directory);
    mkdirSync(`${target}.partial`);
    writeFileSync(`${target}.partial.owner`, owner.replace(/^\d+/, `${process.ppid}`));
    expect(() => DraftDirectory.create(target, false)).toThrow(/cut short, or is going on/);
    writeFileSync(`${target}.partial.owner`, owner.replace(/^\d+/, `${ended}`));
    const draft = DraftDirectory.create(target, false);
    writeFileSync(join(draft.path, "file"), "");
    draft.publish();
    expect(readdirSync(directory)).toEqual(["out"]);
  });
});

describe("a temporary directory", () => {
  it("of a killed process is removed by the next one with the same purpose", () => {
    const fallback = temporaryDirectory();
    const temporary = process.env.TMPDIR;
    try {
      // Nothing can be made there, so that the fallback is used.
      process.env.TMPDIR = "/proc/none";
      const own = makeTemporaryDirectory("ragfood-x-", fallback);
      const dead = own.replace(`-${process.pid}-`, `-${ended}-`);
      mkdirSync(join(dead, "full"), { recursive: true });
      const other = dead.replace("ragfood-x-", "ragfood-y-");
      mkdirSync(other);
      const next = makeTemporaryDirectory("ragfood-x-", fallback);
      expect([own, next, other, dead].map((path) => existsSync(path))).toEqual([true, true, true, false]);
    } finally {
      if (temporary === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = temporary;
    }
  });
});

describe("replaceFile", () => {
  it("creates directories, replaces the content, and leaves nothing else", () => {
    const path = join(temporaryDirectory(), "a", "b", "file.json");
    replaceFile(path, "one");
    replaceFile(path, "two");
    expect(readdirSync(join(path, ".."))).toEqual(["file.json"]);
  });

  it("names the file and the reason if the system refuses, and leaves no draft", () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "taken"));
    expect(() => replaceFile(join(directory, "taken"), "x")).toThrow(/taken cannot be written: EISDIR/);
    const long = join(directory, "n".repeat(300));
    expect(() => replaceFile(long, "x")).toThrow(/ENAMETOOLONG, its path, or a name in it, is too long/);
    expect(readdirSync(directory)).toEqual(["taken"]);
  });
});

describe("makeDirectories", () => {
  itUnless(notOnLinux, "comes back from a file system that refuses directories", () => {
    expect(() => makeDirectories("/proc/ragfood/a/b")).toThrow(StorageError);
    expect(() => makeDirectories("/proc/ragfood/a/b")).toThrow(/\/proc\/ragfood cannot be made: ENOENT/);
  });

  it.each(["file", "file/below", "file/far/below"])(
    "names a file in the path, on every Node.js: %s",
    (path) => {
      const directory = temporaryDirectory();
      writeFileSync(join(directory, "file"), "");
      const problem = path === "file" ? "EEXIST, something" : "ENOTDIR, a part of its path is a file";
      expect(() => makeDirectories(join(directory, path))).toThrow(problem);
      expect(() => makeDirectories(join(directory, path))).toThrow(StorageError);
    },
  );
});
