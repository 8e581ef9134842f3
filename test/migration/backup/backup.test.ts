import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backupDirectory, restoreBackup, verifyBackup } from "../../../src/migration/backup/index.ts";
import { itUnless, notOnLinux } from "../../helpers/obstacles.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { tar } from "../../helpers/tools.ts";

/** A directory such as Chroma keeps: a database, an index of its own below, an empty file and directory. */
function chromaLike(): string {
  const directory = join(temporaryDirectory(), "chroma_db");
  mkdirSync(join(directory, "2f0c", "empty"), { recursive: true });
  const database = new DatabaseSync(join(directory, "chroma.sqlite3"));
  database.exec("CREATE TABLE embeddings (id TEXT); INSERT INTO embeddings VALUES ('a'), ('b')");
  database.close();
  writeFileSync(join(directory, "2f0c", "data_level0.bin"), randomBytes(300_000));
  writeFileSync(join(directory, "2f0c", "length.bin"), "");
  writeFileSync(join(directory, "2f0c", `${"long".repeat(40)} ünïcode`), "x".repeat(512));
  return directory;
}

/** Every file below a directory with its content and time, and every directory. */
function contentOf(directory: string): Record<string, unknown> {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const stats = statSync(join(directory, name));
      if (stats.isDirectory()) return [name, "directory"];
      const sha256 = createHash("sha256")
        .update(readFileSync(join(directory, name)))
        .digest("hex");
      return [name, { sha256, modified: Math.floor(stats.mtimeMs / 1000) }];
    }),
  );
}

describe("a backup of a directory (MIG-2, OPS-7)", () => {
  it("is an archive with the time in its name and a checksum, and comes back as it was", async () => {
    const directory = chromaLike();
    utimesSync(join(directory, "2f0c", "length.bin"), 1_700_000_000, 1_700_000_000);
    const before = contentOf(directory);
    const backups = join(temporaryDirectory(), "backups");
    const backup = await backupDirectory(directory, backups);
    expect(basename(backup.path)).toMatch(/^chroma_db-\d{8}T\d{6}\.\d{3}Z\.tar\.gz$/);
    expect(backup.checksum).toBe(createHash("sha256").update(readFileSync(backup.path)).digest("hex"));
    expect(readdirSync(backups)).toHaveLength(2);
    expect(contentOf(directory)).toEqual(before);
    expect(await verifyBackup(backup.path)).toEqual({ ...backup, isContentChecked: true });
    const into = join(temporaryDirectory(), "restored");
    await restoreBackup(backup.path, into);
    expect(contentOf(into)).toEqual(before);
  });

  itUnless(tar.obstacle, "is read by tar itself", async () => {
    const directory = chromaLike();
    const { path } = await backupDirectory(directory, temporaryDirectory());
    const into = temporaryDirectory();
    execFileSync("tar", ["-xzf", path, "-C", into]);
    expect(contentOf(join(into, "chroma_db"))).toEqual(contentOf(directory));
  });

  it("of an empty directory is whole too", async () => {
    const directory = join(temporaryDirectory(), "empty");
    mkdirSync(directory);
    const { path } = await backupDirectory(directory, temporaryDirectory());
    const into = join(temporaryDirectory(), "restored");
    await restoreBackup(path, into);
    expect(readdirSync(into)).toEqual([]);
  });

  it("refuses a database in the middle of a transaction, and takes it with its journal when asked", async () => {
    const directory = chromaLike();
    const database = new DatabaseSync(join(directory, "chroma.sqlite3"));
    database.exec("PRAGMA journal_mode = WAL; INSERT INTO embeddings VALUES ('c')");
    const backups = temporaryDirectory();
    await expect(backupDirectory(directory, backups)).rejects.toThrow(/chroma\.sqlite3-wal holds changes/);
    expect(readdirSync(backups)).toEqual([]);
    const { path } = await backupDirectory(directory, backups, { includeJournals: true });
    database.close();
    const into = join(temporaryDirectory(), "restored");
    await restoreBackup(path, into);
    const restored = new DatabaseSync(join(into, "chroma.sqlite3"));
    expect(restored.prepare("SELECT count(*) AS count FROM embeddings").get()).toEqual({ count: 3 });
    restored.close();
  });

  const changes: [name: string, change: (directory: string) => void][] = [
    ["grows", (at) => appendFileSync(join(at, "2f0c", "data_level0.bin"), "x")],
    ["shrinks", (at) => truncateSync(join(at, "2f0c", "data_level0.bin"), 10)],
    ["is written over", (at) => writeFileSync(join(at, "2f0c", "data_level0.bin"), randomBytes(300_000))],
    ["goes", (at) => rmSync(join(at, "chroma.sqlite3"))],
    ["comes", (at) => writeFileSync(join(at, "new"), "")],
  ];

  it.each(changes)("is refused if a file %s meanwhile, and nothing of it is left", async (_name, change) => {
    const directory = chromaLike();
    const backups = temporaryDirectory();
    const backup = backupDirectory(directory, backups);
    // The list of files has been begun; every file is yet to be read or compared once more.
    const changing = (async () => {
      while (readdirSync(backups).length === 0) await new Promise((resolve) => setImmediate(resolve));
      change(directory);
    })();
    await expect(backup).rejects.toThrow(/changed while it was backed up|cannot be read/);
    await changing;
    expect(readdirSync(backups)).toEqual([]);
  });

  it("refuses links, a place within the directory, and a directory that is not there", async () => {
    const directory = chromaLike();
    await expect(backupDirectory(directory, join(directory, "backups"))).rejects.toThrow(/is within/);
    await expect(backupDirectory(join(directory, "no"), temporaryDirectory())).rejects.toThrow(
      /cannot be read/,
    );
    symlinkSync("/etc/hostname", join(directory, "link"));
    await expect(backupDirectory(directory, temporaryDirectory())).rejects.toThrow(
      /neither file nor directory/,
    );
  });

  itUnless(notOnLinux, "names a file whose name is not UTF-8, and says to rename it", async () => {
    const directory = chromaLike();
    writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.of(0x63, 0xe9)]), "");
    await expect(backupDirectory(directory, temporaryDirectory())).rejects.toThrow(/is not UTF-8/);
  });

  it("stops when cancelled, and leaves nothing", async () => {
    const backups = temporaryDirectory();
    const signal = AbortSignal.abort();
    await expect(backupDirectory(chromaLike(), backups, { signal })).rejects.toThrow(/cancelled/);
    expect(readdirSync(backups)).toEqual([]);
  });
});

describe("restoring (MIG-2)", () => {
  it("refuses what is there, and leaves it as it was", async () => {
    const directory = chromaLike();
    const before = contentOf(directory);
    const { path } = await backupDirectory(directory, temporaryDirectory());
    await expect(restoreBackup(path, directory)).rejects.toThrow(/already exists/);
    expect(contentOf(directory)).toEqual(before);
  });

  it("refuses a record with a path that leads out of the directory", async () => {
    const { path } = await backupDirectory(chromaLike(), temporaryDirectory());
    for (const evil of ["../x", "/x", "a/../../x", ""]) {
      const record = JSON.parse(readFileSync(`${path}.json`, "utf8"));
      record.files[0].path = evil;
      writeFileSync(`${path}.json`, JSON.stringify(record));
      await expect(verifyBackup(path), evil).rejects.toThrow(/leads out of the directory/);
    }
  });

  it("finds one changed byte anywhere in the archive, or a lost record, and leaves nothing", async () => {
    const { path } = await backupDirectory(chromaLike(), temporaryDirectory());
    const bytes = readFileSync(path);
    const into = join(temporaryDirectory(), "restored");
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const changed = Buffer.from(bytes);
        changed[place] = (changed[place] as number) ^ change;
        writeFileSync(path, changed);
        await expect(restoreBackup(path, into)).rejects.toThrow(/is damaged/);
      }),
      { numRuns: 60 },
    );
    for (const length of [0, 10, bytes.length - 1]) {
      writeFileSync(path, bytes.subarray(0, length));
      await expect(restoreBackup(path, into)).rejects.toThrow(/is damaged/);
    }
    writeFileSync(path, bytes);
    rmSync(`${path}.json`);
    await expect(restoreBackup(path, into)).rejects.toThrow(/does not describe what the backup/);
    expect(readdirSync(dirname(into))).toEqual([]);
  });

  it("finds an archive that took the place of another", async () => {
    const [one, two] = [chromaLike(), chromaLike()];
    const [first, second] = [
      await backupDirectory(one, temporaryDirectory()),
      await backupDirectory(two, temporaryDirectory()),
    ];
    cpSync(first.path, second.path);
    await expect(verifyBackup(second.path)).rejects.toThrow(/not the file that was backed up/);
  });

  it("is encrypted with a key, which it names, and gives nothing away without it", async () => {
    const directory = join(temporaryDirectory(), "chroma_db");
    mkdirSync(directory);
    const secret = "the recipe of the house ".repeat(10_000);
    writeFileSync(join(directory, "recipes.txt"), secret);
    const key = { id: "2026", bytes: randomBytes(32) };
    const backup = await backupDirectory(directory, join(directory, "..", "backups"), { key });
    expect(backup.path).toMatch(/\.tar\.gz\.encrypted$/);
    const bytes = readFileSync(backup.path);
    expect(bytes.includes("recipe")).toBe(false);
    expect(JSON.parse(readFileSync(`${backup.path}.json`, "utf8"))).toMatchObject({
      encryption: { keyId: "2026" },
      files: [{ path: "recipes.txt", type: "file", size: secret.length }],
    });
    expect(await verifyBackup(backup.path)).toMatchObject({ isContentChecked: false });
    expect(await verifyBackup(backup.path, { key })).toMatchObject({ isContentChecked: true });
    const into = join(temporaryDirectory(), "restored");
    await expect(restoreBackup(backup.path, into)).rejects.toThrow('encrypted with the key "2026"');
    const wrong = { id: "2026", bytes: randomBytes(32) };
    await expect(restoreBackup(backup.path, into, { key: wrong })).rejects.toThrow("is damaged");
    expect(existsSync(into)).toBe(false);
    await restoreBackup(backup.path, into, { key });
    expect(readFileSync(join(into, "recipes.txt"), "utf8")).toBe(secret);
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] as number) ^ 1;
    writeFileSync(backup.path, bytes);
    await expect(verifyBackup(backup.path)).rejects.toThrow("SHA-256");
  });
});
