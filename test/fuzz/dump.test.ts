import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DataError, StorageError } from "../../src/foundation/errors.ts";
import { backupDirectory, verifyBackup } from "../../src/migration/backup/index.ts";
import { type BackupRecord, readRecord } from "../../src/migration/backup/record.ts";
import { readTar } from "../../src/migration/backup/tar-reader.ts";
import { contentHash } from "../../src/migration/content-hash.ts";
import { type ShardFormat, writeDump } from "../../src/migration/dump/index.ts";
import { decodeLine } from "../../src/migration/dump/jsonl-line.ts";
import { readJsonl } from "../../src/migration/dump/jsonl-reader.ts";
import { type Manifest, manifestFile, parseManifest } from "../../src/migration/dump/manifest.ts";
import { readFooter } from "../../src/migration/dump/parquet-reader.ts";
import type { RecordBatches } from "../../src/migration/dump/shard.ts";
import { readShard } from "../../src/migration/dump/shard-reader.ts";
import { parseIdentity, requireSameIdentity } from "../../src/migration/ledger/identity.ts";
import { Ledger, readLedger } from "../../src/migration/ledger/index.ts";
import { LedgerError } from "../../src/migration/ledger/ledger-error.ts";
import { recordProblems } from "../../src/migration/record-problems.ts";
import { phaseNames } from "../../src/migration/run/phase-name.ts";
import { phasesOf } from "../../src/migration/run/state.ts";
import type { StoreRecord } from "../../src/store/document.ts";
import { ListSource, someRecords } from "../migration/dump/records.ts";
import {
  collectGarbage,
  damaged,
  fuzz,
  fuzzTimeout,
  jsonText,
  mutated,
  mutatedValue,
  Scratch,
  survives,
} from "./fuzz.ts";

const scratch = new Scratch();
afterAll(() => scratch.remove());

const key = { id: "k", bytes: randomBytes(32) };

interface Dump {
  readonly directory: string;
  readonly manifest: Manifest;
  /** Of its one shard. */
  readonly bytes: Buffer;
}

async function makeDump(format: ShardFormat, isEncrypted = false): Promise<Dump> {
  const directory = join(scratch.path, `${format}-${isEncrypted}`);
  const records = someRecords(6).map((record, place) =>
    place % 2 === 0 ? record : { ...record, sparseVector: { indices: [place, 9], values: [0.5, 1] } },
  );
  await writeDump(new ListSource(records), directory, { format, ...(isEncrypted && { key }) });
  const manifest = JSON.parse(readFileSync(join(directory, manifestFile), "utf8")) as Manifest;
  return { directory, manifest, bytes: readFileSync(join(directory, manifest.shards[0]?.file as string)) };
}

let jsonl: Dump;
let parquet: Dump;
let encrypted: Dump;
beforeAll(async () => {
  jsonl = await makeDump("jsonl");
  parquet = await makeDump("parquet");
  encrypted = await makeDump("jsonl", true);
});

const options = (contentByteCount: number, includeVectors = true) => ({
  path: "shard",
  contentByteCount,
  batchSize: 4,
  includeVectors,
});

/** A record of the kinds that a reader promises, and that bears what is done with every record that is read. */
function requireRecord(record: StoreRecord): void {
  const { id, text, metadata, vector, sparseVector } = record;
  expect(typeof id).toBe("string");
  if (text !== undefined) expect(typeof text).toBe("string");
  if (metadata !== undefined) expect(metadata).toBeInstanceOf(Object);
  if (vector !== undefined) expect(vector).toBeInstanceOf(Float32Array);
  if (sparseVector !== undefined) {
    expect(sparseVector.indices.every(Number.isInteger)).toBe(true);
    expect(sparseVector.values.every((value) => typeof value === "number")).toBe(true);
  }
  recordProblems(record, { holder: "dump", dimension: 4 });
  contentHash(record);
}

async function readRecords(batches: RecordBatches): Promise<void> {
  for await (const batch of batches) batch.forEach(requireRecord);
}

/** A forged manifest with a matching checksum. */
function sealed(manifest: unknown): string {
  const render = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const unsigned = { ...(manifest as Manifest), checksum: "" };
  return render({ ...unsigned, checksum: createHash("sha256").update(render(unsigned)).digest("hex") });
}

describe("dumps take anything, and refuse by name", { timeout: fuzzTimeout }, () => {
  it("a manifest of a dump may hold anything", async () => {
    const text = fc.oneof(
      mutatedValue(jsonl.manifest).map(sealed),
      mutatedValue(encrypted.manifest).map(sealed),
      damaged(Buffer.from(sealed(jsonl.manifest))).map(String),
      jsonText,
    );
    await fuzz(fc.tuple(text, fc.constantFrom(undefined, key)), ([manifest, by]) =>
      survives(() => {
        const { shards, recordCount } = parseManifest(manifest, manifestFile, by);
        for (const { file } of shards) expect(file).toMatch(/^records-\d+[.\w]+$/);
        expect(recordCount).toBeGreaterThanOrEqual(0);
      }, DataError),
    );
  });

  it("a line of a shard", async () => {
    const line = gunzipSync(jsonl.bytes).toString().split("\n")[1] as string;
    const deep = `{"id":"d","metadata":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}`;
    const close = fc.oneof<fc.Arbitrary<string | Uint8Array>[]>(
      mutated(JSON.parse(line)),
      damaged(Buffer.from(line)),
      jsonText,
    );
    await fuzz(
      fc.oneof({ weight: 1, arbitrary: fc.constant(deep) }, { weight: 300, arbitrary: close }),
      (text) =>
        survives(
          () => requireRecord(decodeLine(Buffer.from(text), 1, { path: "shard", includeVectors: true })),
          DataError,
        ),
    );
  });

  it("a shard of JSON Lines", async () => {
    const text = gunzipSync(jsonl.bytes);
    const lines = text.toString().trimEnd().split("\n");
    const content = fc.oneof(
      fc
        .tuple(fc.array(fc.constantFrom(...lines)), mutated(JSON.parse(lines[1] as string)))
        .map((parts) => `${parts.flat().join("\n")}\n`),
      damaged(text).map((bytes) => `${bytes.toString("latin1")}\n`),
      fc.array(jsonText, { maxLength: 3 }).map((parts) => `${parts.join("\n")}\n`),
    );
    await fuzz(
      content,
      (shard) =>
        survives(
          () => readRecords(readJsonl([gzipSync(shard, { level: 0 })], options(Buffer.byteLength(shard)))),
          DataError,
        ),
      { together: 8 },
    );
  });

  it("a shard that is no gzip, or another than its manifest says", async () => {
    const count = jsonl.manifest.shards[0]?.contentByteCount as number;
    const input = fc.tuple(damaged(jsonl.bytes), fc.constantFrom(count, count + 1, 0), fc.nat(300));
    await fuzz(
      input,
      ([bytes, contentByteCount, cut]) =>
        survives(
          () =>
            readRecords(readJsonl([bytes.subarray(0, cut), bytes.subarray(cut)], options(contentByteCount))),
          DataError,
        ),
      { together: 8 },
    );
  });

  it("the footer of a shard of Parquet", async () => {
    const footer = parquet.bytes.length - 8 - parquet.bytes.readUInt32LE(parquet.bytes.length - 8);
    const content = fc.oneof<fc.Arbitrary<Uint8Array>[]>(
      damaged(parquet.bytes.subarray(footer)).map((end) =>
        Buffer.concat([parquet.bytes.subarray(0, footer), end]),
      ),
      fc.uint8Array({ maxLength: 64 }),
    );
    await fuzz(content, (bytes) => survives(() => readFooter(bytes, "shard"), DataError));
  });

  it("an encrypted shard", async () => {
    const { directory, manifest, bytes } = encrypted;
    const [entry] = manifest.shards;
    if (entry === undefined) throw new Error("the dump has no shard");
    await fuzz(damaged(bytes), (damage) =>
      survives(async () => {
        await readRecords(
          readShard(damage, directory, manifest, entry, { key, batchSize: 4, includeVectors: true }),
        );
        expect(damage.equals(bytes)).toBe(true);
      }, DataError),
    );
  });
});

/** A tar header whose checksum fits. */
function withChecksum(block: Buffer): Buffer {
  const copy = Buffer.from(block).fill(" ", 148, 156);
  const sum = copy.reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return copy;
}

describe("backups and the state of migrations take anything", { timeout: fuzzTimeout }, () => {
  let archive: string;
  let record: BackupRecord;
  beforeAll(async () => {
    const directory = join(scratch.path, "backed-up");
    mkdirSync(join(directory, "inner"), { recursive: true });
    writeFileSync(join(directory, "a"), "some content");
    writeFileSync(join(directory, "inner", "é".repeat(80)), "b".repeat(600));
    archive = (await backupDirectory(directory, join(scratch.path, "backups"))).path;
    record = readRecord(archive);
  });

  it("an archive of a backup may hold anything", async () => {
    const tar = gunzipSync(readFileSync(archive));
    const size = fc.constantFrom("", "-1", "99999999999", "1e3", "NaN", "Infinity", "0x10", "77777777777");
    const forged = fc
      .tuple(fc.nat(tar.length / 512 - 1), size, fc.constantFrom("0", "5", "x", "g", "L", "\0", "1"))
      .map(([block, length, type]) => {
        const copy = Buffer.from(tar);
        const header = copy.subarray(block * 512, block * 512 + 512);
        header.write(length.padEnd(12, "\0"), 124);
        header.write(type, 156, "latin1");
        withChecksum(header).copy(header);
        return copy;
      });
    const extended = fc
      .tuple(
        fc.array(
          fc.constantFrom("6 a=b\n", "16 size=", "-1", "1e9", "\n", " ", "=", "11 path=/\n", "0 ", "99 "),
        ),
        fc.nat(2_000),
      )
      .map(([parts, length]) => {
        const content = Buffer.from(parts.join(""));
        const header = Buffer.from(tar.subarray(0, 512));
        header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
        header.write("x", 156);
        const body = Buffer.alloc(512 * Math.ceil(content.length / 512));
        content.copy(body);
        return Buffer.concat([withChecksum(header), body, tar]).subarray(0, tar.length + length);
      });
    await fuzz(fc.oneof(damaged(tar), forged, extended), async (bytes) => {
      let held = 0;
      const visitor = {
        begin: async () => {},
        content: async (piece: Uint8Array) => {
          held += piece.length;
        },
        end: async () => {},
      };
      const pieces = (async function* () {
        yield bytes.subarray(0, 700);
        yield bytes.subarray(700);
      })();
      // Plain errors, which the caller puts the name of the archive to.
      await readTar(pieces, visitor).catch((error: Error) => expect(error.message).toMatch(/archive/));
      expect(held).toBeLessThanOrEqual(bytes.length);
    });
  });

  it("a backup with its record", async () => {
    const whole = readFileSync(archive);
    const text = fc.oneof(mutated(record), jsonText, fc.constant(JSON.stringify(record)));
    await fuzz(
      fc.tuple(fc.oneof(damaged(whole), fc.constant(whole)), text),
      ([bytes, description], place) =>
        survives(
          async () => {
            const path = scratch.file(`copy-${place}.tar.gz`, bytes);
            scratch.file(`copy-${place}.tar.gz.json`, description);
            const { files } = await verifyBackup(path);
            for (const file of files) expect(file.path).not.toMatch(/(^|\/)\.\.(\/|$)|^\/|\\/);
          },
          DataError,
          StorageError,
        ),
      { share: 0.5, together: 8 },
    );
  });

  it("a ledger of a migration may hold anything", async () => {
    const identity = { source: "a", target: "b", namespace: "", embedding: "carried", template: "" } as const;
    const directory = join(scratch.path, "state");
    const ledger = Ledger.open({ directory, name: "m", identity });
    ledger.setPhase("import", { status: "done" });
    ledger.beginRun();
    ledger.begin([{ hash: randomBytes(32), keys: [randomBytes(16)], bytes: 7 }]);
    ledger.endRun({ outcome: "done", sent: 1, skipped: 0, bytes: 7 }, false);
    ledger.close();
    const whole = readFileSync(ledger.path);
    let read = 0;
    await fuzz(
      fc.oneof(
        damaged(whole),
        damaged(whole.subarray(0, 200)).map((head) => Buffer.concat([head, whole.subarray(200)])),
      ),
      async (bytes) => {
        await survives(() => readLedger(scratch.file("ledger.sqlite", bytes)), LedgerError);
        // The driver lets go of a file when its statements are collected: so many would run out of descriptors.
        if (++read % 1_000 === 0) await collectGarbage();
      },
      { share: 0.2 },
    );
  });

  it("the identity in a ledger, and the phases of a run", async () => {
    const identity = { source: "a", target: "b", namespace: "", embedding: "carried", template: "" } as const;
    await fuzz(fc.oneof(mutated(identity), jsonText), (text) =>
      survives(() => requireSameIdentity(parseIdentity(text, "ledger"), identity, "ledger"), LedgerError),
    );
    const phase = {
      status: "done",
      inputs: "x",
      begunAt: "2026-01-01T00:00:00Z",
      milliseconds: 1,
      outcome: { summary: "x", facts: {} },
    };
    await fuzz(fc.oneof(mutated({ plan: phase, import: phase }), jsonText), (text) =>
      survives(() => {
        const phases = phasesOf(Object(JSON.parse(text)));
        for (const name of phaseNames)
          if (phases[name] !== undefined) expect(typeof phases[name].status).toBe("string");
      }, SyntaxError),
    );
  });
});
