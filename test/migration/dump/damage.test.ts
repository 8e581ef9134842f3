import { createHash, randomBytes } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../../../src/foundation/errors.ts";
import { checkDump, DumpSource, type Manifest, writeDump } from "../../../src/migration/dump/index.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { ListSource, readAll, someRecords } from "./records.ts";

const key = { id: "backup-2026", bytes: randomBytes(32) };
const first = "records-00001.jsonl.gz";

/** A dump of 12 records in three shards. */
async function someDump(options: Parameters<typeof writeDump>[2] = {}): Promise<string> {
  const directory = join(temporaryDirectory(), "dump");
  await writeDump(new ListSource(someRecords(12)), directory, { shardRecords: 5, ...options });
  return directory;
}

/** Every fault that a check finds, whether it reports or throws it. */
async function faultsOf(
  directory: string,
  options: Parameters<typeof checkDump>[1] = {},
): Promise<DataError[]> {
  try {
    return [...(await checkDump(directory, options)).faults];
  } catch (error) {
    if (error instanceof DataError) return [error];
    throw error;
  }
}

/** Changes the manifest and updates its checksum, like a careful editor. */
function rewriteManifest(directory: string, change: (manifest: Manifest) => unknown): void {
  const path = join(directory, "manifest.json");
  const changed = {
    ...(change(JSON.parse(readFileSync(path, "utf8")) as Manifest) as Manifest),
    checksum: "",
  };
  const render = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const checksum = createHash("sha256").update(render(changed)).digest("hex");
  writeFileSync(path, render({ ...changed, checksum }));
}

/** Puts other lines into the first shard; size and SHA-256 in the manifest are made to fit. */
function rewriteShard(directory: string, change: (lines: string[]) => string[]): void {
  const path = join(directory, first);
  const content = change(gunzipSync(readFileSync(path)).toString().trimEnd().split("\n")).join("\n");
  const bytes = gzipSync(`${content}\n`);
  writeFileSync(path, bytes);
  rewriteManifest(directory, ({ shards: [shard, ...rest], ...manifest }) => {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const changed = { byteCount: bytes.length, contentByteCount: Buffer.byteLength(content) + 1, sha256 };
    return {
      ...manifest,
      byteCount: manifest.byteCount - (shard?.byteCount ?? 0) + bytes.length,
      shards: [{ ...shard, ...changed }, ...rest],
    };
  });
}

const editField = (change: (record: StoreRecord) => unknown) => (lines: string[]) => [
  JSON.stringify(change(JSON.parse(lines[0] as string))),
  ...lines.slice(1),
];

describe("a damaged dump is reported before a record of it is used (MIG-3)", () => {
  const damages: [name: string, damage: (directory: string) => void, file: string, message: RegExp][] = [
    ["a missing shard", (at) => rmSync(join(at, first)), first, /the shard is missing/],
    [
      "a file too many",
      (at) => writeFileSync(join(at, "notes.txt"), ""),
      "notes.txt",
      /does not name this file/,
    ],
    [
      "a truncated shard",
      (at) => truncateSync(join(at, first), 100),
      first,
      /has 100 bytes; the manifest says/,
    ],
    ["a shard that grew", (at) => appendFileSync(join(at, first), "x"), first, /bytes; the manifest says/],
    [
      "shards that changed places",
      (at) => {
        renameSync(join(at, first), join(at, "other"));
        renameSync(join(at, "records-00002.jsonl.gz"), join(at, first));
        renameSync(join(at, "other"), join(at, "records-00002.jsonl.gz"));
      },
      first,
      /SHA-256|bytes; the manifest says/,
    ],
    [
      "a shard that is a link",
      (at) => {
        renameSync(join(at, first), join(at, "..", "elsewhere"));
        symlinkSync(join(at, "..", "elsewhere"), join(at, first));
      },
      first,
      /symbolic link/,
    ],
    [
      "a manifest that is a link",
      (at) => {
        renameSync(join(at, "manifest.json"), join(at, "..", "elsewhere"));
        symlinkSync(join(at, "..", "elsewhere"), join(at, "manifest.json"));
      },
      "manifest.json",
      /not a regular file/,
    ],
    [
      "a shard that is a directory",
      (at) => {
        rmSync(join(at, first));
        mkdirSync(join(at, first));
      },
      first,
      /not a regular file/,
    ],
    [
      "no manifest",
      (at) => rmSync(join(at, "manifest.json")),
      "manifest.json",
      /manifest.json: it does not exist/,
    ],
    [
      "a manifest that is not JSON",
      (at) => truncateSync(join(at, "manifest.json"), 90),
      "manifest.json",
      /it is not JSON/,
    ],
    [
      "a manifest with another record count",
      (at) => rewriteManifest(at, (manifest) => ({ ...manifest, recordCount: 11 })),
      "manifest.json",
      /recordCount is 11; its shards sum to 12/,
    ],
    [
      "a manifest with another vector count",
      (at) => rewriteManifest(at, (manifest) => ({ ...manifest, vectorCount: 11 })),
      "manifest.json",
      /vectorCount is 11; the records have 12/,
    ],
    [
      "a manifest of a later version",
      (at) => rewriteManifest(at, (manifest) => ({ ...manifest, formatVersion: 2, news: true })),
      "manifest.json",
      /format version 2; this ragfood reads 1/,
    ],
    [
      "a shard named by a path",
      (at) => {
        renameSync(join(at, first), join(at, "..", first));
        rewriteManifest(at, ({ shards: [shard, ...rest], ...manifest }) => ({
          ...manifest,
          shards: [{ ...shard, file: `../${first}` }, ...rest],
        }));
      },
      "manifest.json",
      /shards\.0\.file: not the name of a shard/,
    ],
    [
      "a shard named twice",
      (at) =>
        rewriteManifest(at, (manifest) => ({
          ...manifest,
          shards: [...manifest.shards, manifest.shards[0]],
        })),
      "manifest.json",
      /records-00001\.jsonl\.gz is named twice/,
    ],
    [
      "a shard that is not gzip",
      (at) => {
        const bytes = Buffer.from("no gzip");
        writeFileSync(join(at, first), bytes);
        rewriteManifest(at, ({ shards: [shard, ...rest], ...manifest }) => ({
          ...manifest,
          byteCount: manifest.byteCount - (shard?.byteCount ?? 0) + bytes.length,
          shards: [
            { ...shard, byteCount: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") },
            ...rest,
          ],
        }));
      },
      first,
      /cannot be unzipped/,
    ],
    [
      "an edited text",
      (at) =>
        rewriteShard(
          at,
          editField((record) => ({ ...record, text: "another" })),
        ),
      first,
      /its records do not match their hash in the manifest/,
    ],
    [
      "a number that became a string",
      (at) =>
        rewriteShard(
          at,
          editField((record) => ({ ...record, metadata: { ...record.metadata, number: "0" } })),
        ),
      first,
      /its records do not match their hash in the manifest/,
    ],
    [
      "records in another order",
      (at) => rewriteShard(at, (lines) => lines.toReversed()),
      first,
      /its records do not match their hash in the manifest/,
    ],
    [
      "a record too few",
      (at) => rewriteShard(at, (lines) => lines.slice(1)),
      first,
      /holds 4 records; .* says 5/,
    ],
    [
      "an id that comes twice",
      (at) => rewriteShard(at, (lines) => lines.with(3, lines[1] as string)),
      first,
      /line 4, record "food-1": an earlier record has the same id/,
    ],
    [
      "a vector of another dimension",
      (at) =>
        rewriteShard(
          at,
          editField((record) => ({ ...record, vector: "AAAAAA==" })),
        ),
      first,
      /line 1, record "food-0": the vector has 1 dimension/,
    ],
    [
      "a line that is not JSON",
      (at) => rewriteShard(at, (lines) => lines.with(2, "{")),
      first,
      /line 3: it is not JSON/,
    ],
    [
      "a field that a record does not have",
      (at) =>
        rewriteShard(
          at,
          editField((record) => ({ ...record, score: 1 })),
        ),
      first,
      /line 1: it is not a record/,
    ],
    [
      "a line that would fill the memory",
      (at) =>
        rewriteShard(at, (lines) => [...lines, JSON.stringify({ id: "x", text: "a".repeat(70_000_000) })]),
      first,
      /line 6: it is longer than 67108864 bytes/,
    ],
  ];

  it.each(damages)("a damaged dump is reported: %s", async (_name, damage, file, message) => {
    const directory = await someDump();
    damage(directory);
    const faults = await faultsOf(directory);
    expect(faults.map(({ message: text }) => text).join("\n")).toMatch(message);
    expect(faults.map((fault) => fault.file)).toContain(join(directory, file));
    for (const fault of faults) expect(fault.hint).toBeTruthy();
  });

  it("more content than the manifest says is not unzipped to its end", async () => {
    const directory = await someDump();
    rewriteShard(directory, (lines) => [...lines, JSON.stringify({ id: "x", text: "a".repeat(10_000_000) })]);
    rewriteManifest(directory, ({ shards: [shard, ...rest], ...manifest }) => ({
      ...manifest,
      shards: [{ ...shard, contentByteCount: 1_000 }, ...rest],
    }));
    const [fault] = await faultsOf(directory);
    expect(fault?.message).toMatch(/holds more bytes of records; the manifest says 1000/);
  });

  it("one damaged shard does not hide another", async () => {
    const directory = await someDump();
    rmSync(join(directory, first));
    truncateSync(join(directory, "records-00003.jsonl.gz"), 3);
    expect(await faultsOf(directory)).toHaveLength(2);
  });

  it("the source returns whole shards and no record of a damaged one", async () => {
    const directory = await someDump();
    truncateSync(join(directory, "records-00002.jsonl.gz"), 100);
    const source = DumpSource.open(directory);
    const given: string[] = [];
    const reading = (async () => {
      for await (const batch of source.records({ batchSize: 2 })) given.push(...batch.map(({ id }) => id));
    })();
    await expect(reading).rejects.toThrow(/records-00002\.jsonl\.gz: it has 100 bytes/);
    expect(given).toEqual(["food-0", "food-1", "food-2", "food-3", "food-4"]);
  });
});

describe.each([
  ["jsonl", false],
  ["jsonl", true],
  ["parquet", false],
  ["parquet", true],
] as const)("one changed byte of a dump as %s, encrypted: %s", (format, isEncrypted) => {
  it("is found wherever it is, with and without the key (MIG-3)", async () => {
    const directory = await someDump({ format, ...(isEncrypted && { key }) });
    const files = readdirSync(directory).sort();
    const copy = join(temporaryDirectory(), "copy");
    cpSync(directory, copy, { recursive: true });
    const withKey = isEncrypted ? { key } : {};
    expect(await faultsOf(copy, withKey)).toEqual([]);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(files.length - 1),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        async (fileNumber, share, change) => {
          const path = join(copy, files[fileNumber] as string);
          const bytes = readFileSync(path);
          const changed = Buffer.from(bytes);
          const place = Math.floor(share * bytes.length);
          changed[place] = (changed[place] as number) ^ change;
          writeFileSync(path, changed);
          expect(await faultsOf(copy)).not.toEqual([]);
          expect(await faultsOf(copy, withKey)).not.toEqual([]);
          writeFileSync(path, bytes);
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe("an encrypted dump (OPS-7)", () => {
  it("shows nothing of what it holds, and is checked by its files without the key", async () => {
    const directory = await someDump({ key });
    const everything = readdirSync(directory).map((name) => readFileSync(join(directory, name), "latin1"));
    expect(everything.join("")).not.toContain("food-1");
    const report = await checkDump(directory);
    expect(report).toMatchObject({ faults: [], isContentChecked: false });
    expect(() => DumpSource.open(directory)).toThrow(/is encrypted/);
  });

  it("reports a key of another name, and another key of that name", async () => {
    const directory = await someDump({ key });
    await expect(checkDump(directory, { key: { ...key, id: "old" } })).rejects.toThrow(
      /encrypted with the key "backup-2026"; the key given is "old"/,
    );
    const other = { ...key, bytes: randomBytes(32) };
    await expect(checkDump(directory, { key: other })).rejects.toThrow(/another key was given, or .* forged/);
  });

  it("is not replaced by a plain one unseen, nor its manifest by one made without the key", async () => {
    const plain = await someDump();
    await expect(checkDump(plain, { key })).rejects.toThrow(/the dump is not encrypted/);
    const forged = await someDump({ key });
    rewriteManifest(forged, (manifest) => ({ ...manifest, embeddingModel: "another" }));
    expect((await checkDump(forged)).faults).toEqual([]);
    await expect(checkDump(forged, { key })).rejects.toThrow(/forged/);
  });

  it("never writes the same bytes twice", async () => {
    const [one, two] = [await someDump({ key }), await someDump({ key })];
    const file = `${first}.enc`;
    expect(readFileSync(join(one, file)).equals(readFileSync(join(two, file)))).toBe(false);
    expect(await readAll(DumpSource.open(one, key))).toEqual(await readAll(DumpSource.open(two, key)));
  });
});
