import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { describe, expect, it } from "vitest";
import {
  backupDirectory,
  findBackup,
  restoreBackup,
  verifyBackup,
} from "../../../src/migration/backup/index.ts";
import { readTar, type TarEntry } from "../../../src/migration/backup/tar-reader.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

function filled(bytes: number): string {
  const directory = join(temporaryDirectory(), "chroma_db");
  mkdirSync(directory);
  writeFileSync(join(directory, "chroma.sqlite3"), randomBytes(bytes));
  return directory;
}

describe("one backup for each state of a directory (MIG-2)", () => {
  it("is found again while the directory has the same content", async () => {
    const directory = filled(10_000);
    const backups = join(temporaryDirectory(), "backups");
    expect(await findBackup(directory, backups)).toBeUndefined();
    const made = await backupDirectory(directory, backups);
    // The times of files say nothing about their content.
    writeFileSync(join(directory, "chroma.sqlite3"), readFileSync(join(directory, "chroma.sqlite3")));
    expect(await findBackup(directory, backups)).toEqual(made);
    writeFileSync(join(directory, "chroma.sqlite3"), randomBytes(10_000));
    expect(await findBackup(directory, backups)).toBeUndefined();
  });

  it("is not used if the archive is not the one that was written, or is of another directory", async () => {
    const [directory, other] = [filled(0), filled(0)];
    const backups = temporaryDirectory();
    const { path } = await backupDirectory(directory, backups);
    expect(await findBackup(other, backups)).toBeUndefined();
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(50) ^ 1, 50);
    writeFileSync(path, bytes);
    expect(await findBackup(directory, backups)).toBeUndefined();
  });
});

describe("backups and restores that are killed", () => {
  const module = new URL("../../../dist/migration/backup/index.js", import.meta.url).href;

  /** Runs a call in a process of its own, which is killed as soon as its draft appears in `directory`. */
  async function kill(call: string, directory: string): Promise<void> {
    const isBegun = () =>
      existsSync(directory) && readdirSync(directory).some((name) => /(partial|draft)$/.test(name));
    const script = `const backup = await import("${module}"); await backup.${call}; process.exit(7);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
    const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
    while (child.exitCode === null && !isBegun()) await pause(1);
    child.kill("SIGKILL");
    await closed;
    expect(child.signalCode).toBe("SIGKILL");
  }

  it("leave drafts that the next run removes", async () => {
    const directory = filled(40_000_000);
    const backups = join(temporaryDirectory(), "backups");
    await kill(`backupDirectory(${JSON.stringify(directory)}, ${JSON.stringify(backups)})`, backups);
    expect(readdirSync(backups)).toEqual([expect.stringMatching(/\.draft$/)]);
    const { path } = await backupDirectory(directory, backups);
    expect(readdirSync(backups)).toHaveLength(2);

    const parent = temporaryDirectory();
    await kill(`restoreBackup(${JSON.stringify(path)}, ${JSON.stringify(join(parent, "one"))})`, parent);
    expect(readdirSync(parent)).toContain("one.partial");
    await restoreBackup(path, join(parent, "two"));
    expect(readdirSync(parent)).toEqual(["two"]);
  });

  it("stop when cancelled, also while an archive is read", async () => {
    const { path } = await backupDirectory(filled(5_000_000), temporaryDirectory());
    const parent = temporaryDirectory();
    const signal = AbortSignal.abort();
    await expect(verifyBackup(path, { signal })).rejects.toMatchObject({ code: "cancelled" });
    await expect(restoreBackup(path, join(parent, "out"), { signal })).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(readdirSync(parent)).toEqual([]);
  });
});

describe("an archive that somebody else made (MIG-2)", () => {
  type Entries = Parameters<typeof packTar>[0];

  /** The record of a whole backup, with another archive in its place. */
  async function withArchive(entries: Entries, change = (tar: Buffer) => tar): Promise<string> {
    const { path } = await backupDirectory(filled(700), temporaryDirectory());
    writeFileSync(path, gzipSync(change(Buffer.from(await packTar(entries)))));
    return path;
  }

  const file = (name: string, body = "x"): Entries[number] => ({ header: { name, size: body.length }, body });

  it.each<[string, Entries]>([
    ["a path that leads out", [file("chroma_db/../../evil")]],
    ["an absolute path", [file("/tmp/evil")]],
    [
      "a link",
      [{ header: { name: "chroma_db/chroma.sqlite3", size: 0, type: "symlink", linkname: "/etc/passwd" } }],
    ],
    [
      "a hard link",
      [{ header: { name: "chroma_db/chroma.sqlite3", size: 0, type: "link", linkname: "/etc/passwd" } }],
    ],
    ["a device", [{ header: { name: "chroma_db/chroma.sqlite3", size: 0, type: "character-device" } }]],
    ["another file", [file("chroma_db/other")]],
    ["a file of another size", [file("chroma_db/chroma.sqlite3", "xx")]],
    ["a file more", [file("chroma_db/chroma.sqlite3", "x".repeat(700)), file("chroma_db/more")]],
    ["nothing", []],
  ])("is refused with %s, and nothing is written", async (_name, entries) => {
    const parent = temporaryDirectory();
    const path = await withArchive(entries);
    await expect(restoreBackup(path, join(parent, "out"))).rejects.toMatchObject({ code: "data" });
    expect(readdirSync(parent)).toEqual([]);
    expect(existsSync("/tmp/evil")).toBe(false);
  });

  it("is refused if a path is replaced by an extended header, or data follows its end", async () => {
    const { path } = await backupDirectory(filled(700), temporaryDirectory());
    const own = gunzipSync(readFileSync(path));
    const pax = await packTar([
      {
        header: { name: "chroma_db/chroma.sqlite3", size: 700, pax: { path: "../evil" } },
        body: own.subarray(512, 1_212),
      },
    ]);
    for (const bytes of [Buffer.from(pax), Buffer.concat([own, randomBytes(2_000)])]) {
      writeFileSync(path, gzipSync(bytes));
      await expect(verifyBackup(path)).rejects.toMatchObject({ code: "data" });
    }
  });

  it("is read with little memory, however large its files are and however slow its reader", async () => {
    const megabyte = Buffer.alloc(2 ** 20);
    const size = 300 * megabyte.length;
    const [header] = [Buffer.from(await packTar([{ header: { name: "large", size: 0 } }])).subarray(0, 512)];
    header.write(size.toString(8).padStart(11, "0"), 124);
    header.fill(" ", 148, 156);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
    );
    const pieces = async function* () {
      yield header;
      for (let place = 0; place < 300; place++) yield megabyte;
      yield Buffer.alloc(1_024);
    };
    let [most, read] = [0, 0];
    let ended: TarEntry | undefined;
    await readTar(pieces(), {
      begin: async () => {},
      content: async (piece) => {
        read += piece.length;
        if (read % (16 * megabyte.length) === 0) await pause(1);
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      },
      end: async (entry) => {
        ended = entry;
      },
    });
    expect(ended).toMatchObject({ path: "large", size });
    expect(read).toBe(size);
    expect(most).toBeLessThan(100 * 2 ** 20);
  });
});
