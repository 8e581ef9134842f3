import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChromaStore } from "../../bench/migration/chroma-store.ts";
import { pickleAsPython, pickleAsRust } from "../../bench/migration/pickle-writer.ts";
import { DataError, StorageError } from "../../src/foundation/errors.ts";
import { readCollections } from "../../src/migration/chroma-directory/collections.ts";
import { ChromaDatabase } from "../../src/migration/chroma-directory/database.ts";
import { Fingerprint } from "../../src/migration/chroma-directory/fingerprint.ts";
import { HnswFile } from "../../src/migration/chroma-directory/hnsw-file.ts";
import { IdPlaces } from "../../src/migration/chroma-directory/id-places.ts";
import { readIndexMetadata } from "../../src/migration/chroma-directory/index-metadata.ts";
import { readSchemaVersion } from "../../src/migration/chroma-directory/schema.ts";
import { ChromaDirectorySource } from "../../src/migration/chroma-directory/source.ts";
import { recordOf, segmentOf } from "../migration/chroma-directory/stores.ts";
import {
  collectGarbage,
  damaged,
  fuzz,
  fuzzTimeout,
  jsonText,
  mutated,
  Scratch,
  soup,
  survives,
} from "./fuzz.ts";

const scratch = new Scratch();
afterAll(() => scratch.remove());

const dimension = 4;
const databaseName = "chroma.sqlite3";

/** Ten records, of which the first seven lie in the HNSW files. */
function makeStore(name: string): string {
  const store = new ChromaStore(join(scratch.path, name), "1.5");
  const collection = store.collection({ name: "foods", dimension, space: "cosine" });
  for (let number = 0; number < 7; number++) collection.apply("add", recordOf(number));
  collection.sync();
  for (let number = 7; number < 10; number++) collection.apply("add", recordOf(number));
  store.close();
  return store.path;
}

/** As ChromaDirectory opens it, without a look at the processes of the machine, which is most of its time. */
async function readAll(directory: string, salvage: boolean): Promise<void> {
  const file = join(directory, databaseName);
  const fingerprint = new Fingerprint(directory, file);
  const database = new ChromaDatabase(file);
  try {
    readSchemaVersion(database);
    if (!salvage) database.requireSound();
    for (const collection of readCollections(database)) {
      const options = {
        directory,
        database,
        fingerprint,
        collection,
        salvage,
        largeIntegers: "refuse",
      } as const;
      for await (const batch of new ChromaDirectorySource(options).records()) {
        for (const { id, text, vector } of batch) {
          expect(typeof id).toBe("string");
          if (text !== undefined) expect(typeof text).toBe("string");
          expect(vector).toBeInstanceOf(Float32Array);
        }
      }
    }
  } finally {
    database.close();
  }
}

describe("the files of a Chroma directory may hold anything", { timeout: fuzzTimeout }, () => {
  let path: string;
  let hnsw: Record<"header.bin" | "data_level0.bin" | "length.bin", Buffer>;
  beforeAll(() => {
    path = makeStore("store");
    const read = (name: string) => readFileSync(join(segmentOf(path), name));
    hnsw = {
      "header.bin": read("header.bin"),
      "data_level0.bin": read("data_level0.bin"),
      "length.bin": read("length.bin"),
    };
  });

  it("a pickle of a Chroma directory may hold anything", async () => {
    const labels = new Map(["a", "b", "é".repeat(200)].map((id, place) => [id, place + 1]));
    const sequences = new Map([...labels.keys()].map((id, place) => [id, place]));
    const content = { dimension, elementsAdded: 3, lastSequence: 70_000, labels, sequences };
    const opcodes = [..."}](u.stNbqrhj)0eRcqX\x8c\x93\x81\x94\x95\x80\x8a\x8d\x4b\x4d\x4a\x68"];
    const machine = fc
      .array(
        fc.oneof(
          fc.constantFrom(...opcodes).map((opcode) => Buffer.from(opcode, "latin1")),
          fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
          fc
            .constantFrom("id_to_label", "label_to_id", "max_seq_id", "a")
            .map((text) => Buffer.concat([Buffer.from([0x8c, text.length]), Buffer.from(text)])),
          fc.nat(255).map((number) => Buffer.from([0x4b, number])),
          fc
            .constantFrom(0x8a, 0x8d, 0x58, 0x72)
            .map((code) => Buffer.from([code, 255, 255, 255, 255, 127, 0, 0, 0])),
        ),
        { maxLength: 40 },
      )
      .map((parts) => Buffer.concat([Buffer.from([0x80, 4]), ...parts, Buffer.from(".")]));
    const pickle = fc.oneof(
      damaged(pickleAsPython(content, "0.4")),
      damaged(pickleAsPython(content, "0.6")),
      damaged(pickleAsRust(content)),
      machine,
    );
    await fuzz(pickle, (bytes) =>
      survives(() => {
        const places = new IdPlaces();
        readIndexMetadata(scratch.file("index_metadata.pickle", bytes), places);
        expect(places.size).toBeLessThan(bytes.length);
      }, DataError),
    );
  });

  it("the HNSW files", async () => {
    const number = fc.oneof(
      fc.bigInt(0n, 300n),
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.constantFrom(2n ** 53n, 2n ** 32n),
    );
    const header = fc.tuple(fc.integer({ min: 0, max: 5 }), number).map(([place, value]) => {
      const copy = Buffer.from(hnsw["header.bin"]);
      copy.writeBigUInt64LE(value, 4 + 8 * place);
      return copy;
    });
    const whole = (name: keyof typeof hnsw) => fc.constant(hnsw[name]);
    const files = fc.record({
      "header.bin": fc.oneof(header, damaged(hnsw["header.bin"]), whole("header.bin")),
      "data_level0.bin": fc.oneof(damaged(hnsw["data_level0.bin"]), whole("data_level0.bin")),
      "length.bin": fc.oneof(damaged(hnsw["length.bin"]), whole("length.bin")),
    });
    await fuzz(fc.record({ files, salvage: fc.boolean(), isCosine: fc.boolean() }), ({ files, ...options }) =>
      survives(() => {
        for (const [name, bytes] of Object.entries(files)) scratch.file(name, bytes);
        const file = new HnswFile(scratch.path, { dimension, ...options });
        try {
          const labels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 2 ** 32, 2 ** 53];
          for (const vector of file.read(labels)) {
            if (!("problem" in vector)) expect(vector).toHaveLength(dimension);
          }
        } finally {
          file.close();
        }
      }, DataError),
    );
  });

  it("the values of its tables: queue, records, metadata, collections", async () => {
    const whole = readFileSync(join(path, databaseName));
    const database = new DatabaseSync(join(path, databaseName), { readOnly: true });
    const names =
      "SELECT m.name AS tableName, c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'";
    const columns = database.prepare(names).all() as { tableName: string; name: string }[];
    database.close();
    const value = fc.oneof(
      jsonText.filter((text) => text.length < 5_000),
      soup,
      mutated({ "chroma:document": "x", a: 1, b: null, list: ["a"] }),
      mutated({
        vector_index: { hnsw: { space: "l2" } },
        embedding_function: { name: "x", config: { model: "y" } },
      }),
      fc.uint8Array({ maxLength: 20 }),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true }),
      fc.constantFrom(null, "FLOAT32", "INT32", "", "l2", 2 ** 40, -1),
    );
    const change = fc.record({ column: fc.constantFrom(...columns), value, row: fc.nat(3) });
    const changes = fc.array(change, { minLength: 1, maxLength: 3 });
    const file = join(scratch.path, "values", databaseName);
    mkdirSync(join(scratch.path, "values"));
    cpSync(segmentOf(path), join(scratch.path, "values", basename(segmentOf(path))), { recursive: true });
    let read = 0;
    await fuzz(
      fc.tuple(changes, fc.boolean()),
      async ([list, salvage]) => {
        // As for the ledgers: statements hold on to the file.
        if (++read % 500 === 0) await collectGarbage();
        scratch.file(join("values", databaseName), whole);
        const writer = new DatabaseSync(file);
        writer.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA foreign_keys = OFF");
        for (const { column, value, row } of list) {
          const { tableName, name } = column;
          const nth = `SELECT rowid FROM ${tableName} LIMIT 1 OFFSET ?`;
          try {
            const set = `UPDATE OR REPLACE ${tableName} SET "${name}" = ? WHERE rowid = (${nth})`;
            writer.prepare(set).run(value as string, row);
          } catch (error) {
            // What a constraint refuses is in no table either.
            expect((error as Error).message).toMatch(
              /constraint|mismatch|no such column: rowid|cannot bind|parse/i,
            );
          }
        }
        writer.close();
        await survives(() => readAll(dirname(file), salvage), DataError, StorageError);
      },
      { share: 0.2 },
    );
  });

  it("the pages of its database", async () => {
    const whole = readFileSync(join(path, databaseName));
    const directory = join(scratch.path, "pages");
    mkdirSync(directory);
    cpSync(segmentOf(path), join(directory, basename(segmentOf(path))), { recursive: true });
    await fuzz(
      fc.tuple(damaged(whole), fc.boolean()),
      ([bytes, salvage]) => {
        scratch.file(join("pages", databaseName), bytes);
        return survives(() => readAll(directory, salvage), DataError, StorageError);
      },
      { share: 0.2 },
    );
  });
});
