import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeDump } from "../../src/migration/dump/index.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { ListSource, someRecords } from "../migration/dump/records.ts";

describe("dump check", () => {
  it("reports an intact dump, and fails with file and reason for a damaged one (MIG-3)", async () => {
    const directory = temporaryDirectory();
    await writeDump(new ListSource(someRecords(12)), join(directory, "foods-dump"), { shardRecords: 5 });
    const whole = await runHere(["dump", "check", "foods-dump"], { directory });
    expect(whole.code).toBe(0);
    expect(whole.out).toMatch(/^foods-dump: 12 records of list foods, 4 dimensions, 3 shards, .*\nWhole: /);
    truncateSync(join(directory, "foods-dump", "records-00002.jsonl.gz"), 10);
    const damaged = await runHere(["dump", "check", "foods-dump"], { directory });
    expect(damaged.code).toBe(1);
    expect(damaged.out).toMatch(/Fault: foods-dump\/records-00002\.jsonl\.gz: it has 10 bytes/);
    const json = await runHere(["dump", "check", "foods-dump", "--json"], { directory });
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      isWhole: false,
      faults: [{ file: "foods-dump/records-00002.jsonl.gz" }],
      manifest: { recordCount: 12, shardCount: 3 },
    });
    const none = await runHere(["dump", "check", "."], { directory });
    expect(none.code).toBe(1);
    expect(none.error).toContain("it does not exist, so this is not a dump");
    expect((await runHere(["dump", "burn", "."], { directory })).code).toBe(2);
  });

  it("checks what an encrypted dump holds with the key, and its files without (OPS-7)", async () => {
    const directory = temporaryDirectory();
    const key = { id: "backup-2026", bytes: randomBytes(32) };
    const secret = key.bytes.toString("base64");
    await writeDump(new ListSource(someRecords(3)), join(directory, "dump"), { key });
    const without = await runHere(["dump", "check", "dump"], { directory });
    expect(without).toMatchObject({ code: 3, error: expect.stringContaining('Give the key "backup-2026"') });
    const json = await runHere(["dump", "check", "dump", "--json"], { directory });
    expect(JSON.parse(json.out)).toMatchObject({ isWhole: null, isContentChecked: false });
    writeFileSync(join(directory, "key"), `backup-2026:${secret}\n`);
    const withKey = await runHere(["dump", "check", "dump", "--key-file", "key"], { directory });
    expect(withKey).toMatchObject({ code: 0, out: expect.stringContaining("Whole:") });
    writeFileSync(join(directory, "key"), secret);
    const wrong = await runHere(["dump", "check", "dump", "--key-file", "key"], { directory });
    expect(wrong.code).toBe(2);
    expect(`${wrong.out}${wrong.error}`).not.toContain(secret);
  });
});

describe("backup", () => {
  it("creates, verifies and restores (MIG-2)", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "chroma_db"));
    writeFileSync(join(directory, "chroma_db", "chroma.sqlite3"), "content");
    const created = await runHere(["backup", "create", "chroma_db", "--json"], { directory });
    expect(created.code).toBe(0);
    const { path, checksum } = JSON.parse(created.out) as { path: string; checksum: string };
    const verified = await runHere(["backup", "verify", path], { directory });
    expect(verified.out).toBe(`Whole: 1 file, 0.0 KiB uncompressed, SHA-256 ${checksum}\n`);
    const restored = await runHere(["backup", "restore", path, "restored"], { directory });
    expect(restored.code).toBe(0);
    expect(readFileSync(join(directory, "restored", "chroma.sqlite3"), "utf8")).toBe("content");
    const again = await runHere(["backup", "restore", path, "restored"], { directory });
    expect(again).toMatchObject({ code: 1, error: expect.stringContaining("already exists") });
    truncateSync(join(directory, path), 20);
    expect((await runHere(["backup", "verify", path], { directory })).code).toBe(1);
    expect(readdirSync(join(directory, "backups"))).toHaveLength(2);
    for (const words of [
      ["burn", "x"],
      ["restore", path],
      ["verify", path, "x"],
      ["create", "x", "y", "z"],
    ]) {
      expect((await runHere(["backup", ...words], { directory })).code, words.join(" ")).toBe(2);
    }
  });
});
